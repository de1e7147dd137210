import { describeContract } from './contract.js';
import { dreamBaselines } from './policies.js';

describeContract('dream', dreamBaselines);
