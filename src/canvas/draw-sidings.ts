/** INPUT, OUTPUT and the host itself, and the ways past the tunnel: drawn while something uses them. */
import type { Pen } from './ink';
import type { CanvasLayout, MachineLayout } from './layout';
import { BYPASS, roundCorners } from './wires';

/** `sidings` holds "local:<machine>" and "bypass:<machine>". */
export function drawSidings(pen: Pen, layout: CanvasLayout, sidings: ReadonlySet<string>): void {
  for (const machine of layout.machines.values()) {
    if (sidings.has(`local:${machine.name}`)) drawLocal(pen, machine, layout.mode === 'ipvs');
    if (sidings.has(`bypass:${machine.name}`) && machine.hasTunnel) drawBypass(pen, machine);
  }
}

function drawBypass(pen: Pen, { railL, railR, roadY, nic, centre }: MachineLayout): void {
  const low = nic.y - 10;
  for (const [rail, out] of [
    [railR, railR + BYPASS],
    [railL, railL - BYPASS],
  ] as const) {
    const corners = [
      { x: rail, y: roadY },
      { x: out, y: roadY },
      { x: out, y: low },
      { x: centre, y: low, sharp: true },
    ];
    pen.line(roundCorners(corners), 'wire', 1.5);
  }
}

/** With IPVS the hooks are part of the road and always drawn; then only the host itself is added. */
function drawLocal(pen: Pen, machine: MachineLayout, hooksDrawn: boolean): void {
  const { input, output, local, routes } = machine.stations;
  const tee = machine.roadY + 24;
  if (hooksDrawn) {
    pen.line([input, { x: input.x, y: local.y }, local], 'wire', 1.5);
    pen.line([local, { x: output.x, y: local.y }, output], 'wire', 1.5);
  } else {
    // On a sheet of its own: a note about rules may lie below.
    const { x, y } = pen.at({ x: routes.x - 84, y: machine.roadY + 45 });
    pen.ctx.fillStyle = pen.ink.sheet;
    pen.ctx.fillRect(x, y, 174 * pen.view.zoom, 60 * pen.view.zoom);
    const down = [
      { x: routes.x, y: routes.y + 8 },
      { x: routes.x, y: tee },
      { x: input.x, y: tee },
    ];
    pen.line(roundCorners([...down, { x: input.x, y: local.y }, local]), 'wire', 1.5);
    const up = [
      { x: machine.joinX, y: output.y },
      { x: machine.joinX, y: machine.roadY },
    ];
    pen.line(roundCorners([local, { x: output.x, y: local.y }, { ...output, sharp: true }]), 'wire', 1.5);
    pen.line(roundCorners([output, ...up]), 'wire', 1.5);
  }
  for (const hook of [input, output]) {
    const at = pen.at(hook);
    pen.ctx.beginPath();
    pen.ctx.arc(at.x, at.y, 6 * pen.view.zoom, 0, Math.PI * 2);
    pen.paint('sheet', 'ink', 1.75);
  }
  pen.box(pen.at(local), 62, 20, 4, 'sheet', 'ink', 1.75);
  pen.text('host', pen.at(local), 'ink', 'bold', 'center');
  if (pen.view.zoom < 0.9 * pen.base || hooksDrawn) return;
  const [left, right] = [pen.at(input), pen.at(output)];
  pen.text('INPUT', { x: left.x - 12 * pen.scale, y: left.y }, 'ink', 'mono-bold', 'right');
  pen.text('OUTPUT', { x: right.x + 9 * pen.scale, y: right.y - 9 * pen.scale }, 'ink', 'mono-bold', 'left');
}
