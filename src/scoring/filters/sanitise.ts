import type { Evaluation, PythonRunner } from '../../sandbox/types.js';

/**
 * The sanitiser of Fast-dLLM, dLLM-Cache and the released pass@1 script (benchmarks.md, 3.6): of the first 100 lines
 * the range that parses and has the most lines that are not blank; of that all imports, and what the entry point
 * reaches of classes, functions that return something, and assignments to a name; printed by `ast.unparse`.
 */
const SANITISER = String.raw`
import ast
import json

FIRST_LINES = 100


def main(text):
    request = json.loads(text)
    return sanitise(request["text"], request["entryPoint"])


def sanitise(text, entry_point):
    text = text.replace("\t", "    ").replace("\r\n", "\n").replace("\r", "\n").strip() + "\n"
    imports, definitions = [], {}
    for node in longest_program(text.splitlines()[:FIRST_LINES]).body:
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            imports.append(node)
        elif (name := defined_name(node)) is not None:
            # A later definition takes the place of the earlier one.
            definitions[name] = node
    reached = reachable(entry_point, {name: used_names(node) for name, node in definitions.items()})
    kept = imports + [node for name, node in definitions.items() if name in reached]
    return "\n".join(map(ast.unparse, kept))


def longest_program(lines):
    """The range with the most lines that are not blank; of equal ones the earliest, then the shortest."""
    filled = [0]
    for line in lines:
        filled.append(filled[-1] + bool(line.strip()))
    # A blank line or an indented statement in front changes nothing or fails: such ranges are left out.
    starts = [i for i, line in enumerate(lines) if line.strip() and (line[0] != " " or line.lstrip()[0] == "#")]
    ranges = [(filled[i] - filled[end], i, end) for i in starts for end in range(i + 1, len(lines) + 1)]
    for _, start, end in sorted(ranges):
        try:
            return ast.parse("\n".join(lines[start:end]))
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            pass
    return ast.Module(body=[], type_ignores=[])


def defined_name(node):
    if isinstance(node, ast.ClassDef):
        return node.name
    if isinstance(node, ast.FunctionDef):
        return node.name if any(isinstance(part, ast.Return) for part in ast.walk(node)) else None
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return None


def used_names(node):
    """Names, and the last part of every attribute: what an attribute is taken from does not count."""
    used, left = set(), [node]
    while left:
        for child in ast.iter_child_nodes(left.pop()):
            if isinstance(child, ast.Name):
                used.add(child.id)
            elif isinstance(child, ast.Attribute):
                used.add(child.attr)
            else:
                left.append(child)
    return used


def reachable(entry_point, used):
    reached, left = set(), [entry_point]
    while left:
        name = left.pop()
        if name not in reached:
            reached.add(name)
            left.extend(used.get(name, ()))
    return reached
`;

/** The text after the first opening Python fence, if there is one, and before the next fence. */
export function withoutFences(text: string): string {
  const fence = '```python\n';
  const at = text.indexOf(fence);
  return (at < 0 ? text : text.slice(at + fence.length)).split('```', 1)[0]!;
}

/**
 * The candidate program of a raw response, by the sanitiser.
 *
 * @param text the response as the model gave it, not cut at stop strings
 */
export function sanitise(
  code: { readonly prompt: string; readonly entryPoint: string },
  text: string,
  python: PythonRunner,
): Promise<Evaluation> {
  const whole = `${code.prompt}\n${withoutFences(text)}`;
  return python.evaluate(SANITISER, JSON.stringify({ text: whole, entryPoint: code.entryPoint }));
}
