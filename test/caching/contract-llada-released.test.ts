import { describeContract } from './contract.js';
import { lladaReleased } from './policies.js';

describeContract('llada', lladaReleased);
