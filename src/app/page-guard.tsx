/** The last net under the page: when drawing it fails, or a part of it cannot be fetched, a plain page says so, keeps what was typed and offers a fresh start. */
import { Component, type ReactNode } from 'react';
import { isUnreachable } from '../lib/unreachable';
import { workspace } from '../state/workspace';

interface GuardState {
  readonly failure: string | null;
}

export class PageGuard extends Component<{ readonly children: ReactNode }, GuardState> {
  override state: GuardState = { failure: null };

  static getDerivedStateFromError(error: unknown): GuardState {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }

  override render(): ReactNode {
    const { failure } = this.state;
    if (failure === null) return this.props.children;
    const lost = isUnreachable(failure);
    return (
      <main className="guard">
        <h1>
          {lost ? 'A part of the page could not be fetched' : 'The page could not draw what it was told'}
        </h1>
        <p>
          {lost
            ? 'The network or the server did not answer.'
            : 'This is a defect of Hopyard, not of your manifests.'}{' '}
          Your manifests are safe in this browser and below; loading the page again starts the cluster anew
          from them.
        </p>
        <p>
          {lost && (
            <button type="button" className="btn main" onClick={() => this.setState({ failure: null })}>
              Try again
            </button>
          )}{' '}
          <button type="button" className="btn" onClick={() => location.reload()}>
            Load the page again
          </button>
        </p>
        <details>
          <summary>What went wrong</summary>
          <pre>{failure}</pre>
        </details>
        {workspace.getState().files.map((file) => (
          <details key={file.name} open>
            <summary>{file.name}</summary>
            <pre>{file.text}</pre>
          </details>
        ))}
      </main>
    );
  }
}
