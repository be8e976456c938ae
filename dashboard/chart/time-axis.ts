const pad = (part: number) => String(part).padStart(2, '0');

/** Seconds since 1970 as labels of an axis, as fine as its steps: days, minutes or seconds, in 24 hours. */
export function timeLabels(times: readonly number[], stepSeconds: number): string[] {
  return times.map((time) => {
    const at = new Date(time * 1000);
    const day = `${at.getMonth() + 1}-${pad(at.getDate())}`;
    const minute = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
    if (stepSeconds >= 86_400) return day;
    // Midnight says which day begins.
    if (stepSeconds >= 60) return minute === '00:00' ? day : minute;
    return `${minute}:${pad(at.getSeconds())}`;
  });
}
