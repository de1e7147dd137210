import { existsSync } from 'node:fs';

/** Vulkan manifest of SwiftShader, a GPU in software: where Debian's chromium puts it, or as the environment says. */
const manifest = process.env.REPRO_SWIFTSHADER_ICD ?? '/usr/lib/chromium/vk_swiftshader_icd.json';

const missing = `no SwiftShader driver: install Debian's chromium, or set REPRO_SWIFTSHADER_ICD (${manifest} is not there)`;

/** Why tests on the software adapter cannot run here, or false. */
export const noSoftwareAdapter: string | false = existsSync(manifest) ? false : missing;

/** For child processes: Vulkan has SwiftShader and nothing else. */
export const softwareAdapter = { VK_DRIVER_FILES: manifest, VK_ICD_FILENAMES: manifest };

/** For child processes: Vulkan has no driver, also where the machine has a GPU. */
export const noDriver = { VK_DRIVER_FILES: '/nowhere.json', VK_ICD_FILENAMES: '/nowhere.json' };
