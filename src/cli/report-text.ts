import type { Report } from '../report/report.js';
import { renderTerminal } from '../report/terminal.js';
import { styled, tableWidth } from './style.js';

/**
 * A report as a terminal shows it: as wide as the stream, and where it has colours with the best figures in bold
 * and the second best underlined.
 */
export function reportText(report: Report, stream: NodeJS.WriteStream): string {
  const hasStyles = styled('bold', '', stream) !== '';
  return renderTerminal(report, {
    width: tableWidth(stream),
    ...(hasStyles
      ? { emphasise: (text, rank) => styled(rank === 'best' ? 'bold' : 'underline', text, stream) }
      : {}),
  });
}
