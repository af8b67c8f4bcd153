// What the doctor's verdicts rest on, in German: names of numbers, and short words
// among addresses. The collector tells them in English.
export const factNames: Record<string, string> = {
  'away for': 'weg seit',
  'frames thrown away': 'weggeworfene Frames',
  'give or take': 'auf wie viel genau',
  compared: 'verglichen',
  interface: 'Schnittstelle',
  frames: 'Frames',
  'watched for': 'beobachtet',
  broadcast: 'Broadcast',
  multicast: 'Multicast',
  'unicast between others': 'Unicast zwischen anderen',
  own: 'eigene',
  'received by the interface': 'von der Schnittstelle empfangen',
  'UDP datagrams': 'UDP-Datagramme',
  'hosts that only send': 'Hosts, die nur senden',
  'hosts that only receive': 'Hosts, die nur empfangen',
  'SIP one way': 'SIP in einer Richtung',
  'RTP one way': 'RTP in einer Richtung',
  'seen the other way': 'in der anderen Richtung zu sehen',
  'SIP to it': 'SIP dorthin',
  'SIP from it': 'SIP von dort',
  'streams seen twice': 'doppelt gesehene Ströme',
  'streams seen once': 'einfach gesehene Ströme',
  twice: 'doppelt',
  once: 'einfach',
  copies: 'Kopien',
  'share of all frames': 'Anteil an allen Frames',
  'captured of such frames': 'von solchen Frames mitgeschnitten',
  'frames with more than 4 tags': 'Frames mit mehr als 4 Tags',
  filter: 'Filter',
  'first fragments': 'erste Fragmente',
  'later fragments': 'weitere Fragmente',
  received: 'empfangen',
  SIP: 'SIP',
  RTP: 'RTP',
  'answered calls without media': 'angenommene Anrufe ohne Ton',
  'answered calls': 'angenommene Anrufe',
  'SIP there': 'SIP dort',
  'missed here, seen by another sensor': 'hier gefehlt, von einem anderen Sensor gesehen',
  "missed here, received by RTCP's account": 'hier gefehlt, laut RTCP angekommen',
  'seen here': 'hier gesehen',
  'dropped by kernel and NIC': 'von Kernel und Netzwerkkarte verworfen',
  'highest load of the SPAN link': 'höchste Last der SPAN-Verbindung',
  'speed of the SPAN link': 'Tempo der SPAN-Verbindung',
  'highest load in a second': 'höchste Last in einer Sekunde',
  'speed of the link': 'Tempo der Verbindung',
  dropped: 'verworfen',
  captured: 'mitgeschnitten',
  'frames longer than 1,522 bytes': 'Frames über 1.522 Byte',
  longest: 'längster',
  partial: 'unfertig',
  'looked at': 'angesehen',
  wrong: 'falsch',
  'frames cut': 'gekürzte Frames',
  'longest of them': 'längster davon',
  'capture.snaplen': 'capture.snaplen',
  'answered calls that named it': 'angenommene Anrufe, die ihn nannten',
  'RTP from or to it': 'RTP von oder zu ihm',
  'one-way calls': 'einseitige Anrufe',
  "of these, its RTP was received by RTCP's account": 'davon kam sein RTP laut RTCP an',
  "of these, the other side received nothing by RTCP's account": 'davon empfing die andere Seite laut RTCP nichts',
  'calls in which it is heard': 'Anrufe, in denen er zu hören ist',
  'encrypted calls': 'verschlüsselte Anrufe',
  'calls with media': 'Anrufe mit Ton',
  'DTLS handshakes': 'DTLS-Handshakes',
  'TLS on port 5061': 'TLS auf Port 5061',
  'SIP that was read': 'gelesenes SIP',
  'TLS connections with a key': 'TLS-Verbindungen mit Schlüssel',
  'TLS connections without a key': 'TLS-Verbindungen ohne Schlüssel',
};

export const units: Record<string, string> = {
  frames: 'Frames', packets: 'Pakete', calls: 'Anrufe', messages: 'Nachrichten', streams: 'Ströme', datagrams: 'Datagramme',
  bytes: 'Byte', segments: 'Segmente', connections: 'Verbindungen', times: 'mal',
};

const phrases: [RegExp, string][] = [
  [/\bbehind the router\b/g, 'hinter dem Router'], [/\bphone (?=\S)/g, 'Telefon '], [/\bPBX (?=\S)/g, 'Anlage '], [/ and (\d+) more\b/g, ' und $1 weitere'], [/ and /g, ' und '],
  [/\bcopies of\b/g, 'Kopien von'], [/\bpackets?\b/g, 'Paketen'], [/\bno carrier\b/g, 'keine Verbindung'], [/\b(are|is) on\b/g, 'eingeschaltet'],
  [/^a sample, about 1 in 64$/, 'eine Stichprobe, etwa 1 von 64'],
];

// "phone 103 (10.0.0.3, MAC 02:...) and 2 more".
export const hostsInGerman = (text: string): string => phrases.reduce((told, [english, german]) => told.replace(english, german), text);

export function factInGerman(name: string): string {
  const ahead = /^ahead of (?:the collector's|that of (.*))$/.exec(name);
  if (ahead) return ahead[1] ? `vor der von ${ahead[1]}` : 'vor der des Collectors';
  return factNames[name] ?? name.replace(/^(.*) frames$/, 'Frames in $1');
}
