import { describeContract } from './contract.js';
import { lladaBaselines } from './policies.js';

describeContract('llada', lladaBaselines);
