/** What is said above everything when a saved workspace was not understood. */
import { useWorkspace, workspace } from '../state/workspace';
import { saveText } from './files';

/** A saved workspace that this page cannot read: says so and hands the bytes back. */
export function RefusedBanner() {
  const refused = useWorkspace((state) => state.refused);
  if (refused === null) return null;
  return (
    <div className="banner" role="alert">
      <span>{refused.reason} It was set aside, and the example opened instead.</span>
      <button type="button" className="btn" onClick={() => saveText('hopyard-workspace.json', refused.bytes)}>
        Save its bytes
      </button>
      <button type="button" className="btn" onClick={() => workspace.setState({ refused: null })}>
        Dismiss
      </button>
    </div>
  );
}
