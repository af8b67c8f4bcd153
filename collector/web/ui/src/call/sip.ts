// As much of SIP (RFC 3261) as showing a message takes: its text, and what makes
// it the same message at two places. Other protocols show as they are.
import type { SignallingProtocol } from '../api/types';

function bytesOf(base64: string | undefined): Uint8Array {
  return Uint8Array.from(atob(base64 ?? ''), (char) => char.charCodeAt(0));
}

// Bytes that are no UTF-8 show as the replacement character.
export function textOf(base64: string | undefined): string {
  return new TextDecoder('utf-8').decode(bytesOf(base64));
}

// "0010  53 49 50 2f ...  SIP/": what is no text, sixteen bytes a line.
export function hexOf(base64: string | undefined): string {
  const bytes = bytesOf(base64);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
    const text = part.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.')).join('');
    lines.push(`${at.toString(16).padStart(4, '0')}  ${hex.padEnd(47)}  ${text}`);
  }
  return lines.join('\n');
}

export const isSip = (protocol: SignallingProtocol | undefined): boolean =>
  protocol === undefined || protocol === 'SIGNALLING_PROTOCOL_UNSPECIFIED' || protocol === 'SIGNALLING_PROTOCOL_SIP';

// Not text: shown in hexadecimal.
export const isBinary = (protocol: SignallingProtocol | undefined): boolean =>
  protocol === 'SIGNALLING_PROTOCOL_SCCP' || protocol === 'SIGNALLING_PROTOCOL_H323';

// "MGCP" of SIGNALLING_PROTOCOL_MGCP; '' of SIP, which goes without saying.
export const protocolName = (protocol: SignallingProtocol | undefined): string => (isSip(protocol) ? '' : protocol!.replace('SIGNALLING_PROTOCOL_', '').replace('H323', 'H.323'));

const COMPACT: Record<string, string> = { v: 'via', i: 'call-id', f: 'from', t: 'to' };

// The first header of that name, continuation lines joined.
export function header(text: string, name: string): string {
  const head = (text.split(/\r?\n\r?\n/, 1)[0] ?? '').replace(/\r?\n[ \t]+/g, ' ');
  for (const line of head.split(/\r?\n/).slice(1)) {
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const key = line.slice(0, colon).trim().toLowerCase();
    if ((COMPACT[key] ?? key) === name) return line.slice(colon + 1).trim();
  }
  return '';
}

const tagOf = (value: string): string => /;\s*tag=([^;\s]+)/i.exec(value)?.[1] ?? '';

// Equal wherever a message is seen on its hop, but not in another message. Not
// all its bytes: one capture point may have cut it.
export function identityOf(text: string): string {
  const first = text.split(/\r?\n/, 1)[0] ?? '';
  const branch = /;\s*branch=([^;,\s]+)/i.exec(header(text, 'via'))?.[1] ?? '';
  const start = first.startsWith('SIP/') ? first.split(' ')[1] : first.split(' ')[0];
  return [start, branch, header(text, 'cseq'), header(text, 'call-id'), tagOf(header(text, 'from')), tagOf(header(text, 'to'))].join(' ');
}

export const methodOf = (text: string): string => header(text, 'cseq').split(/\s+/)[1] ?? '';

export const hasSdp = (text: string): boolean => /^application\/sdp\b/i.test(header(text, 'content-type') || header(text, 'c'));

export type Part = { kind: 'start' | 'name' | 'value' | 'body'; text: string };

// Line by line, for showing: the pieces put together are the text, with \n at
// the ends of lines.
export function partsOf(text: string): Part[][] {
  let body = false;
  return text.replace(/\r\n/g, '\n').split('\n').map((line, i): Part[] => {
    if (i === 0) return [{ kind: 'start', text: line }];
    if (line === '') body = true;
    const colon = body ? -1 : line.indexOf(':');
    if (colon > 0 && !/^\s/.test(line)) return [{ kind: 'name', text: line.slice(0, colon + 1) }, { kind: 'value', text: line.slice(colon + 1) }];
    return [{ kind: body ? 'body' : 'value', text: line }];
  });
}
