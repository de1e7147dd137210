import { channel } from 'node:diagnostics_channel';

const notices = channel('repro:engine');

/** Tells whoever listens in this thread what a user should know of work that takes time or room: one line. */
export function giveNotice(line: string): void {
  notices.publish(line);
}

/** Calls `listener` with every notice from now on. */
export function onNotice(listener: (line: string) => void): void {
  notices.subscribe((line) => listener(String(line)));
}
