export interface RoomOptions {
  /** 0 ≤ random() < 1; people come and go by it. */
  random: () => number;
}

/** What the sensors of the room tell. */
export interface Air {
  /** %, one decimal. */
  humidity: number;
  /** ppm. */
  co2: number;
  /** People. */
  occupancy: number;
}

export interface Room {
  readonly air: Air;
  /** 0..3 */
  readonly fanSpeed: number;
  /** False where there is no such speed: the fan then stays as it is. */
  setFanSpeed(speed: unknown): boolean;
  /** Lets `dtMs` milliseconds pass. */
  step(dtMs: number): void;
}

const FAN_SPEEDS = [0, 1, 2, 3];
const OUTDOOR_CO2 = 420;
const SEATS = 12;

/** A meeting room: people breathe, the fan airs. */
export function createRoom({ random }: RoomOptions): Room {
  const state = { humidity: 45, co2: 600, people: 3, fanSpeed: 1 };
  return {
    get air() {
      return {
        humidity: Math.round(state.humidity * 10) / 10,
        co2: Math.round(state.co2),
        occupancy: state.people,
      };
    },
    get fanSpeed() {
      return state.fanSpeed;
    },
    setFanSpeed(speed) {
      if (!FAN_SPEEDS.includes(speed as number)) return false;
      state.fanSpeed = speed as number;
      return true;
    },
    step(dtMs) {
      const seconds = dtMs / 1000;
      if (random() < seconds / 5) state.people += random() < 0.5 ? -1 : 1;
      state.people = Math.min(SEATS, Math.max(0, state.people));
      const settled = OUTDOOR_CO2 + (state.people * 300) / (1 + state.fanSpeed);
      state.co2 += (settled - state.co2) * Math.min(1, seconds / 20) + (random() * 2 - 1) * 3;
      const moved = state.humidity + (random() * 2 - 1) * 0.4;
      state.humidity = Math.min(70, Math.max(30, moved));
    },
  };
}
