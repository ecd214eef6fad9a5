/** The last net under the page: when drawing it fails, a plain page says so, keeps what was typed and offers a fresh start. */
import { Component, type ReactNode } from 'react';
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
    return (
      <main className="guard">
        <h1>The page could not draw what it was told</h1>
        <p>
          This is a defect of Hopyard, not of your manifests. They are safe in this browser and below; loading
          the page again starts the cluster anew from them.
        </p>
        <p>
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
