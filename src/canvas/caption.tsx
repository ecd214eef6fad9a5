export function Caption() {
  return <div className="cap" />;
}
