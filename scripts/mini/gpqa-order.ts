/** The one definition is the loader's: training text and test prompts must show the options alike. */
export { gpqaOptionOrder as gpqaOrder } from '../../src/tasks/gpqa-order.js';
