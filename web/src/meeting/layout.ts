/** A rectangle on the stage, in CSS pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

export interface Area {
  width: number;
  height: number;
}

const gap = 10;
const ratio = 16 / 9;

/** Tiles on one page of the grid: fewer on a phone. */
export function pageSize(area: Area): number {
  return area.width < 640 ? 8 : 25;
}

/** The largest equal tiles that fit; the last row is centred. */
export function grid(area: Area, count: number): Box[] {
  if (count === 0 || area.width <= 0 || area.height <= 0) return [];
  const { columns, width, height } = bestColumns(area, count);
  const rows = Math.ceil(count / columns);
  const top = (area.height - rows * height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, i) => {
    const row = Math.floor(i / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const left = (area.width - inRow * width - (inRow - 1) * gap) / 2;
    return {
      left: left + (i % columns) * (width + gap),
      top: top + row * (height + gap),
      width,
      height,
    };
  });
}

/** A portrait stage may show taller tiles: faces stay large on a phone. */
function tileRatio(area: Area, count: number): number {
  const portrait = area.height > area.width * 1.15;
  if (!portrait) return ratio;
  return count <= 2 ? 1 : 4 / 3;
}

function bestColumns(area: Area, count: number): { columns: number; width: number; height: number } {
  const shape = tileRatio(area, count);
  let best = { columns: 1, width: 0, height: 0 };
  for (let columns = 1; columns <= count; columns++) {
    const rows = Math.ceil(count / columns);
    const wide = (area.width - (columns - 1) * gap) / columns;
    const high = (area.height - (rows - 1) * gap) / rows;
    const width = Math.max(0, Math.min(wide, high * shape));
    if (width > best.width) best = { columns, width, height: width / shape };
  }
  return best;
}

/** One large tile first, the others in a strip: beside it, or below it on a tall stage. */
export function speaker(area: Area, count: number): Box[] {
  if (count === 0 || area.width <= 0 || area.height <= 0) return [];
  if (count === 1) return [{ left: 0, top: 0, width: area.width, height: area.height }];
  const below = area.width < area.height * 1.2;
  return below ? stripBelow(area, count) : stripBeside(area, count);
}

function stripBeside(area: Area, count: number): Box[] {
  const width = Math.min(220, Math.max(120, area.width * 0.2));
  const height = width / ratio;
  const fit = Math.max(1, Math.floor((area.height + gap) / (height + gap)));
  const shown = Math.min(count - 1, fit);
  const top = (area.height - shown * height - (shown - 1) * gap) / 2;
  const main = { left: 0, top: 0, width: area.width - width - gap, height: area.height };
  const strip = Array.from({ length: shown }, (_, i) => ({
    left: area.width - width,
    top: top + i * (height + gap),
    width,
    height,
  }));
  return [main, ...strip];
}

function stripBelow(area: Area, count: number): Box[] {
  const height = Math.min(120, area.height * 0.2);
  const width = height * (4 / 3);
  const fit = Math.max(1, Math.floor((area.width + gap) / (width + gap)));
  const shown = Math.min(count - 1, fit);
  const left = (area.width - shown * width - (shown - 1) * gap) / 2;
  const main = { left: 0, top: 0, width: area.width, height: area.height - height - gap };
  const strip = Array.from({ length: shown }, (_, i) => ({
    left: left + i * (width + gap),
    top: area.height - height,
    width,
    height,
  }));
  return [main, ...strip];
}
