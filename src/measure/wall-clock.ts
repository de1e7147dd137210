/** The date and time, for names and manifests; durations go by `Clock`. */
export type WallClock = () => Date;

export const systemWallClock: WallClock = () => new Date();
