import { describeContract } from './contract.js';
import { dreamDcu } from './policies.js';

describeContract('dream', dreamDcu);
