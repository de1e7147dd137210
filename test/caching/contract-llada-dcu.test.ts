import { describeContract } from './contract.js';
import { lladaDcu } from './policies.js';

describeContract('llada', lladaDcu);
