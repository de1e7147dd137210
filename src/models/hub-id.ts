import { hubRepo } from '../hub/repo.js';
import { hubSettings } from '../hub/settings.js';
import { pulledSnapshot } from '../hub/snapshot.js';

/** Whether a name has the form of a hub id, `OWNER/NAME`, and of no path. */
export function looksLikeHubId(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9._-]*\/[A-Za-z0-9][A-Za-z0-9._-]*$/.test(name);
}

/** The folder of a model that was pulled from the hub, by this program or by Python; undefined if it was not. */
export function pulledModelDir(id: string, revision?: string): string | undefined {
  return pulledSnapshot(hubSettings().cacheFolder, hubRepo('model', id), revision)?.folder;
}
