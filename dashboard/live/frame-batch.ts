/** How a batch waits: the browser's, or a test's. */
export interface Frames {
  now(): number;
  setTimer(ms: number, run: () => void): void;
  /** Runs before the next frame is painted; not at all while the page is hidden. */
  onFrame(run: () => void): void;
}

/** Least time between two draws, ms: digits that change five times a second can still be read. */
export const DRAW_EVERY_MS = 200;

/** The same after a draw of more than {@link MANY} things: a frame costs as much as the page is full, whatever changed in it. */
export const DRAW_MANY_EVERY_MS = 500;
export const MANY = 100;

/** Gathers requests to draw into one draw per interval, right before a frame. */
export class FrameBatch {
  readonly #frames: Frames;
  readonly #draw: () => number;
  #isWaiting = false;
  #drawnAt = Number.NEGATIVE_INFINITY;
  #everyMs = DRAW_EVERY_MS;

  /** @param draw returns how many things it drew */
  constructor(frames: Frames, draw: () => number) {
    this.#frames = frames;
    this.#draw = draw;
  }

  request(): void {
    if (this.#isWaiting) return;
    this.#isWaiting = true;
    const wait = this.#drawnAt + this.#everyMs - this.#frames.now();
    const onFrame = () => this.#frames.onFrame(() => this.#run());
    if (wait > 0) this.#frames.setTimer(wait, onFrame);
    else onFrame();
  }

  #run(): void {
    this.#isWaiting = false;
    this.#drawnAt = this.#frames.now();
    this.#everyMs = this.#draw() > MANY ? DRAW_MANY_EVERY_MS : DRAW_EVERY_MS;
  }
}

export const browserFrames: Frames = {
  now: () => performance.now(),
  setTimer: (ms, run) => setTimeout(run, ms),
  onFrame: (run) => requestAnimationFrame(run),
};
