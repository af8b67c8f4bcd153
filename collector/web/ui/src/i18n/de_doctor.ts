// The doctor's verdicts in German, from what they rest on. The collector says them
// in English (collector/doctor/*.cc); what lacks a number here stays as it says it.
import type { Verdict, VerdictEvidence, VerdictKind } from '../api/types';
import { number, percent } from '../format';
import { hostsInGerman } from './de_facts';

export interface Told {
  said: string;
  cure: string;
}

// A verdict rests on something else than these words know: they are too old.
class Unknown extends Error {}

const german = (value: number, digits = 0): string => number(value, 'de-DE', digits);

class Facts {
  constructor(readonly verdict: Verdict) {}

  private find(name: string): VerdictEvidence | undefined {
    return (this.verdict.evidence ?? []).find((fact) => fact.name === name);
  }

  has = (name: string): boolean => this.find(name) !== undefined;

  n(name: string): number {
    const fact = this.find(name);
    if (!fact) throw new Unknown(name);
    return fact.value ?? 0;
  }

  or0 = (name: string): number => (this.has(name) ? this.n(name) : 0);

  // "1 Frame", "1.234 Frames".
  count(name: string, one: string, many: string): string {
    const value = this.n(name);
    return `${german(value)} ${value === 1 ? one : many}`;
  }

  hosts(name: string): string {
    const text = this.find(name)?.text;
    if (!text) throw new Unknown(name);
    return hostsInGerman(text);
  }

  share = (part: string, rest: string): string => percent(this.n(part), this.n(part) + this.n(rest), 'de-DE');

  // "Telefon 103 (10.0.0.3, MAC 02:...)".
  get host(): string {
    const { address, mac, number: digits } = this.verdict;
    if (!address) throw new Unknown('host');
    const details = [digits && address, mac && `MAC ${mac}`].filter(Boolean);
    return (digits ? `Telefon ${digits}` : address) + (details.length > 0 ? ` (${details.join(', ')})` : '');
  }

  get point(): string {
    return this.verdict.capturePoint ?? '?';
  }

  is = (severity: Verdict['severity']): boolean => this.verdict.severity === severity;
}

const calls = (value: number): string => (value === 1 ? 'einem Anruf' : `${german(value)} Anrufen`);

function span(seconds: number): string {
  const s = Math.abs(seconds);
  if (s < 60) return `${german(s, 1)} s`;
  const whole = Math.floor(s);
  return whole < 3600 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${german(Math.floor(whole / 3600))} h ${Math.floor(whole % 3600 / 60)} min`;
}

function offBy(seconds: number): string {
  return `${span(seconds)} ${seconds > 0 ? 'vor' : 'nach'}`;
}

const setUpSpan = 'Eine SPAN-Sitzung einrichten, deren Ziel der Port ist, an dem der Sensor steckt. In einer virtuellen Maschine muss auch der virtuelle Switch dem Adapter des Sensors den Promiscuous-Modus erlauben.';
const mirrorRx = 'Nur spiegeln, was Ports empfangen (rx), und das an ALLEN Ports: Telefone, Anlage und Uplink.';

const told: Record<Exclude<VerdictKind, 'VERDICT_KIND_UNSPECIFIED'>, (f: Facts) => Told> = {
  VERDICT_KIND_SENSOR_AWAY: (f) => ({
    said: `Der Sensor ist nicht verbunden; zuletzt war vor ${span(f.n('away for'))} von ihm zu hören. Was er inzwischen mitschneidet, wartet in seinem Spool.`,
    cure: 'Nachsehen, ob callbraid-sensor läuft, und was sein Log über den Collector sagt: abgewiesen, kein Weg dorthin oder ein Zertifikat.',
  }),
  VERDICT_KIND_SPOOL_OVERFLOW: (f) => ({
    said: `Der Sensor musste in der letzten Stunde ${f.count('frames thrown away', 'Frame', 'Frames')} wegwerfen: Sein Spool war voll, bevor sie zugestellt werden konnten.`,
    cure: 'Ihm eine schnellere Verbindung zum Collector geben, oder mehr Platz: spool.media_mib und spool.signalling_mib in seinen Einstellungen.',
  }),
  VERDICT_KIND_CLOCK_OFF: (f) => {
    const ahead = (f.verdict.evidence ?? []).find((fact) => fact.name?.startsWith('ahead of '));
    if (!ahead) throw new Unknown('clock');
    const other = /^ahead of that of (.*)$/.exec(ahead.name ?? '')?.[1];
    return {
      said: other
        ? `Die Uhr des Sensors geht gegenüber der von ${other} ${offBy(ahead.value ?? 0)}, nach dem, was beide sahen. Welche von beiden stimmt, sagt das nicht.`
        : `Die Uhr des Sensors geht gegenüber der des Collectors ${offBy(ahead.value ?? 0)}, nach Umlaufzeiten zwischen beiden.`,
      cure: 'Anrufe werden trotzdem zusammengefügt, aber Zeiten stehen da, wie sie mitgeschnitten wurden. chrony oder systemd-timesyncd soll die Uhr jedes Sensors stellen; bei Dateien die des Rechners, der sie mitschnitt.',
    };
  },

  VERDICT_KIND_LINK_DOWN: (f) => ({
    said: `Die Schnittstelle ${f.point} ist abgeschaltet oder hat keine Verbindung.`,
    cure: 'Die Schnittstelle einschalten und nach Kabel und Switch-Port sehen, der nicht abgeschaltet sein darf.',
  }),
  // Of files there is nothing to type.
  VERDICT_KIND_NOTHING_RECEIVED: (f) => ((f.verdict.commands ?? []).length > 0
    ? { said: 'Die Verbindung steht, aber nicht ein Frame kam: Keine SPAN-Sitzung hat diesen Port als Ziel, oder keine ihrer Quellen hat Verkehr.', cure: setUpSpan }
    : { said: 'Die Datei enthält keine Pakete.', cure: 'Nachsehen, womit und wo die Datei mitgeschnitten wurde.' }),
  VERDICT_KIND_NO_SPAN_SESSION: (f) => {
    const group = f.n('broadcast') + f.n('multicast');
    const [own, flooded] = [f.or0('own'), f.or0('unicast between others')];
    const seen = group + own + flooded === 0
      ? `Von den Frames, die die Schnittstelle empfing${f.has('received by the interface') ? ` (${german(f.n('received by the interface'))})` : ''}, war keiner IP oder ARP (Spanning Tree, LLDP)`
      : `Zu sehen waren nur ${german(group)} Frames an alle (Broadcast, Multicast)${own > 0 ? `, ${german(own)} eigene des Sensors` : ''}${flooded > 0 ? ` und ${german(flooded)} geflutete` : ''}`;
    const quiet = f.is('SEVERITY_WARNING') ? ` (Oder es hat in den ${span(f.n('watched for'))}, die er beobachtet wird, niemand etwas gesagt.)` : '';
    return { said: `Keine SPAN-Sitzung erreicht diesen Port. ${seen}, nichts, was zwei andere einander sagen.${quiet}`, cure: setUpSpan };
  },
  VERDICT_KIND_NO_VOIP: () => ({
    said: 'Ein Spiegel erreicht diesen Port, aber unter den mitgeschnittenen Frames war weder SIP noch RTP: Die gespiegelten Ports sind nicht die von Telefonen, Anlage oder Uplink, oder in dieser Zeit signalisierte niemand.',
    cure: 'Den Port der Anlage spiegeln (oder den des Uplinks, wenn die Anlage gehostet ist), und die der Telefone.',
  }),
  VERDICT_KIND_ONE_DIRECTION: (f) => ({
    said: `Nur eine Richtung wird gespiegelt. Zu sehen sind nur Frames VON ${f.hosts('hosts that only send')} AN ${f.hosts('hosts that only receive')}, nie die Antworten. Die Sitzung spiegelt an den Ports der Sender nur RX, oder an denen der Empfänger nur TX.${f.is('SEVERITY_WARNING') ? ' (Oder sie bekommen keine Antwort: Ton ist nicht zu sehen.)' : ''}`,
    cure: 'Spiegeln, was ALLE Ports empfangen (Telefone, Anlage und Uplink, rx): Dann kommt jeder Frame einmal, in beiden Richtungen. Kann nur ein Port gespiegelt werden, dann in beiden Richtungen.',
  }),
  VERDICT_KIND_EVERYTHING_TWICE: (f) => ({
    said: `Alles kommt doppelt: ${f.count('copies', 'Frame', 'Frames')} (${german(f.n('share of all frames'), 1)} %) sind Kopien von einem, der schon zu sehen war. Beide Ports jedes Anrufs werden in beiden Richtungen gespiegelt. Anrufe werden trotzdem einmal aufgezeichnet, aber die SPAN-Verbindung trägt das Doppelte.`,
    cure: `${mirrorRx} Dann kommt jeder Frame einmal, und die SPAN-Verbindung trägt die Hälfte.`,
  }),
  VERDICT_KIND_SOME_FLOWS_TWICE: (f) => ({
    said: `Manches kommt doppelt: ${f.count('copies', 'Frame', 'Frames')} (${german(f.n('share of all frames'), 1)} %) sind Kopien von einem, der schon zu sehen war. Beide Ports dieser Ströme werden in beiden Richtungen gespiegelt, die der anderen (wohl über den Uplink) nicht. Anrufe werden trotzdem einmal aufgezeichnet, aber die SPAN-Verbindung trägt mehr als nötig.`,
    cure: `${mirrorRx} Dann kommt jeder Frame einmal, und die SPAN-Verbindung trägt die Hälfte.`,
  }),
  VERDICT_KIND_UNDECODED_TUNNEL: (f) => {
    const tunnel = (f.verdict.evidence ?? []).find((fact) => fact.name?.endsWith(' frames'));
    if (!tunnel) throw new Unknown('tunnel');
    const name = tunnel.name!.replace(/ frames$/, '').replace('GRE with Ethernet', 'GRE mit Ethernet');
    const secret = f.is('SEVERITY_NOTE');
    return {
      said: `${german(tunnel.value ?? 0)} Frames in ${name} waren zu sehen, ohne dass hineingesehen wurde: Anrufe darin ${secret ? 'sind verschlüsselt und bleiben unbekannt.' : 'sieht dieser Sensor nicht.'}`,
      cure: secret ? 'Stehen hinter diesem Tunnel Telefone, einen Sensor dorthin setzen, wo er endet.'
        : `Dort spiegeln, wo die Frames ohne ${name} sind: hinter dem Gerät, das es abnimmt${f.is('SEVERITY_PROBLEM') ? ', oder mit einer lokalen SPAN-Sitzung' : ''}.`,
    };
  },
  VERDICT_KIND_TAGS_TOO_DEEP: (f) => ({
    said: `${f.count('frames with more than 4 tags', 'Frame hatte', 'Frames hatten')} mehr VLAN-Tags als die 4, denen gefolgt wird; Anrufe darin sind nicht zu sehen. So viele Tags kommen meist von einem Spiegel, der in sich selbst läuft.`,
    cure: 'Dafür sorgen, dass der Zielport der SPAN-Sitzung keine Quelle von ihr oder einer anderen ist, und dass ein RSPAN-VLAN nicht noch einmal gespiegelt wird.',
  }),
  VERDICT_KIND_FILTER_TOO_NARROW: (f) => ({
    said: f.has('first fragments') ? 'Von zerlegten Datagrammen kommen nur die ersten Fragmente: Der Filter sieht auf Ports, die die weiteren nicht haben. Lange SIP-Nachrichten lassen sich nicht zusammensetzen.'
      : f.has('received') ? `Der Filter lässt keinen der ${f.count('received', 'Frame', 'Frames')} durch, die die Schnittstelle empfing.`
        : `SIP kommt durch den Filter (${f.count('SIP', 'Nachricht', 'Nachrichten')}), RTP nie: Es hat keinen eigenen Port, den ein Filter nennen könnte.`,
    cure: f.has('filter') ? 'capture.filter weglassen: Der eingebaute lässt UDP, SIP über TCP und alle Fragmente durch, mit und ohne Tags.'
      : 'Die Datei ohne Filter noch einmal mitschneiden, oder mit einem, der für weitere Fragmente `or (ip and ip[6:2] & 0x1fff != 0)` hat.',
  }),
  VERDICT_KIND_SIP_ON_OTHER_PORT: (f) => {
    const ports = f.verdict.text?.match(/\b(?:UDP|TCP) \d+/g)?.filter((port, i, all) => all.indexOf(port) === i);
    if (!ports?.length) throw new Unknown('ports');
    return {
      said: `Auf ${ports.join(', ')} wird SIP gesprochen (${f.count('SIP there', 'Nachricht', 'Nachrichten')}); in den Einstellungen dieses Sensors ${ports.length === 1 ? 'ist das kein Port' : 'sind das keine Ports'} von SIP.${f.is('SEVERITY_WARNING') ? ' Bei TCP wird dort nur mitgeschnitten, womit eine Nachricht beginnt.' : ' Es wurde trotzdem erkannt.'}`,
      cure: 'In den Einstellungen des Sensors alle Ports von SIP nennen.',
    };
  },

  VERDICT_KIND_SPAN_OVERSUBSCRIBED: (f) => {
    const missed = f.or0('missed here, seen by another sensor') + f.or0("missed here, received by RTCP's account");
    return {
      said: `${german(missed)} RTP-Pakete (${percent(missed, missed + f.n('seen here'), 'de-DE')}) kamen bei ihren Empfängern an, wurden aber nicht auf diesen Port gespiegelt, und weder Kernel noch Netzwerkkarte verwarfen sie: Der SPAN-Port kann nicht alles tragen, was seine Quellen senden.`,
      cure: 'Nur spiegeln, was Ports empfangen (rx), und nur die Ports von Telefonen, Anlage und Uplink; oder einen schnelleren Zielport nehmen; oder auf zwei Ports spiegeln und dem Sensor eine zweite Schnittstelle geben.',
    };
  },
  VERDICT_KIND_SPAN_NEARLY_FULL: (f) => ({
    said: `Die SPAN-Verbindung trug bis zu ${german(f.n('highest load in a second'), 1)} von ${german(f.n('speed of the link'))} Mbit/s: In Spitzen unter einer Sekunde wird der Switch nicht alles gespiegelt haben.`,
    cure: 'Nur spiegeln, was Ports empfangen (rx), und nur die Ports, über die Anrufe laufen; oder einen schnelleren Zielport nehmen.',
  }),
  VERDICT_KIND_KERNEL_DROPS: (f) => ({
    said: `Der Kernel verwarf ${f.count('dropped', 'Frame', 'Frames')} (${f.share('dropped', 'captured')}), weil der Sensor sie nicht rechtzeitig abholte: Der Ringpuffer war voll.`,
    cure: 'Dem Sensor einen größeren Ringpuffer (capture.ring_mib) und einen eigenen Prozessor geben; nachsehen, ob der Rechner auslagert oder ihm Rechenzeit fehlt.',
  }),
  VERDICT_KIND_INTERFACE_DROPS: (f) => ({
    said: `Die Netzwerkkarte verwarf ${f.count('dropped', 'Frame', 'Frames')} aus Platzmangel, bevor der Kernel sie sah.`,
    cure: 'Den eigenen Ringpuffer der Netzwerkkarte vergrößern, und ihre Interrupts von einem anderen Prozessor bedienen lassen.',
  }),
  VERDICT_KIND_MERGED_FRAMES: (f) => ({
    said: `${f.count('frames longer than 1,522 bytes', 'Frame', 'Frames')} von bis zu ${german(f.n('longest'))} Byte kamen an, mehr als Ethernet trägt: Ein Offload (GRO, LRO, TSO) fügte Pakete zusammen, bevor sie mitgeschnitten wurden. Zeiten einzelner Pakete gehen verloren, und was länger ist als capture.snaplen, wird gekürzt.`,
    cure: `${f.verdict.cure?.startsWith('Turn receive') ? 'An der mitschneidenden Schnittstelle die Empfangs-Offloads abschalten.' : 'Auf dem mitschneidenden Rechner Offloads abschalten und noch einmal mitschneiden.'} (Hat das Netz Jumbo-Frames, ist alles in Ordnung.)`,
  }),
  VERDICT_KIND_PARTIAL_CHECKSUMS: (f) => ({
    said: `${percent(f.n('partial'), f.n('looked at'), 'de-DE')} der angesehenen UDP-Prüfsummen sind unfertig: Diese Pakete liefen nie über ein Kabel, sondern kommen von einem Host auf demselben Rechner, der Prüfsummen seiner Netzwerkkarte überlässt. Deshalb wird nichts verworfen; andere Programme werden sie falsch nennen.`,
    cure: 'Es ist nichts zu tun. Wer echte Prüfsummen sehen will, schaltet dort, wo die Pakete gesendet werden, das Auslagern der Prüfsummen beim Senden ab.',
  }),
  VERDICT_KIND_BAD_CHECKSUMS: (f) => ({
    said: `${percent(f.n('wrong'), f.n('looked at'), 'de-DE')} der angesehenen UDP-Prüfsummen sind falsch: Frames werden auf dem Weg zu diesem Messpunkt beschädigt. Sie werden verwendet, wie sie sind.`,
    cure: 'Nach Kabel, Duplex und Transceiver der SPAN-Verbindung sehen; schreibt der Switch Adressen in gespiegelten Frames um, davor spiegeln.',
  }),
  VERDICT_KIND_FRAMES_CUT: (f) => ({
    said: `${f.count('frames cut', 'Frame wurde', 'Frames wurden')} vom Mitschnitt gekürzt (snaplen); der längste hatte ${german(f.n('longest of them'))} Byte. Lange SIP-Nachrichten verlieren ihr SDP, und Sprache verliert ihr Ende.`,
    cure: f.verdict.commands?.[0]?.startsWith('capture:') ? 'Den Sensor ganze Frames behalten lassen, und Empfangs-Offloads abschalten.' : 'Die Datei noch einmal mitschneiden, mit ganzen Frames.',
  }),

  VERDICT_KIND_MEDIA_NEVER_SEEN: (f) => ({
    said: `Der Ton von ${f.host} ist nie zu sehen: ${f.count('answered calls that named it', 'angenommener Anruf nannte', 'angenommene Anrufe nannten')} ${f.verdict.address ?? '?'} für RTP, und kein Paket von dort oder dorthin kommt an einem Sensor des Standorts vorbei. Sein Port ist keine Quelle einer SPAN-Sitzung, oder gehört zu einem Switch ohne Sensor.`,
    cure: f.verdict.mac ? 'Seinen Port anhand der MAC-Adresse finden, und ihn zur Quelle machen (rx).'
      : 'Seinen Port finden (an dem Switch, an dem er steckt), und ihn zur Quelle (rx) einer SPAN-Sitzung machen, die einen Sensor erreicht.',
  }),
  VERDICT_KIND_PORT_NOT_MIRRORED: (f) => {
    if (f.has('SIP to it')) {
      return {
        said: `SIP an ${f.host} ist zu sehen (${f.count('SIP to it', 'Nachricht', 'Nachrichten')}), von dort aber keines, obwohl seine Anrufe weitergehen: Der Port, über den er sendet, ist keine Quelle der SPAN-Sitzung.`,
        cure: 'Seinen Port zur Quelle der SPAN-Sitzung machen (rx).',
      };
    }
    const proven = f.n("of these, its RTP was received by RTCP's account") > 0;
    return {
      said: `Von ${f.host} ist in ${calls(f.n('one-way calls'))} nichts zu hören, obwohl dorthin gesprochen wird: ${proven
        ? 'Die andere Seite empfing sein RTP, wie ihr RTCP sagt; also ist der Port, über den er sendet, keine Quelle einer SPAN-Sitzung.'
        : 'Der Port, über den er sendet, ist keine Quelle einer SPAN-Sitzung, oder er sendet nichts. Auch in keinem anderen Anruf war ein Paket von ihm zu sehen.'}`,
      cure: 'Seinen Port finden, und ihn zur Quelle machen (rx).',
    };
  },
  VERDICT_KIND_SILENT_PARTY: (f) => {
    const heard = f.n('calls in which it is heard') > 0;
    return {
      said: `${f.host} war in ${calls(f.n('one-way calls'))} stumm: ${f.n("of these, the other side received nothing by RTCP's account") > 0
        ? 'Die andere Seite empfing nichts von dort, wie ihr RTCP sagt.' : 'Sein Port wird gespiegelt, denn in anderen Anrufen ist er zu hören.'} Das ist kein Fehler des Spiegels: Das Telefon ist stumm geschaltet oder falsch eingestellt, oder eine Firewall verwirft, was es sendet.`,
      cure: heard ? 'Nach dem Telefon, seinem Netz und NAT sehen, und nach Firewalls zwischen beiden.' : 'Nach dem Telefon und nach Firewalls zwischen beiden sehen; ob sein Port gespiegelt wird, ist offen.',
    };
  },
  VERDICT_KIND_CALLS_WITHOUT_MEDIA: (f) => {
    const none = f.is('SEVERITY_PROBLEM');
    const which = `${german(f.n('answered calls without media'))} von ${f.count('answered calls', 'angenommenem Anruf', 'angenommenen Anrufen')} ${f.n('answered calls without media') === 1 ? 'hat' : 'haben'} keinen Ton`;
    return none
      ? { said: `${which}: An diesem Standort ist überhaupt kein RTP zu sehen. Nur die Signalisierung kommt an gespiegelten Ports vorbei, während Telefone direkt miteinander sprechen.`, cure: 'Außer dem Port der Anlage auch die der Telefone spiegeln (rx an allen), an jedem Switch mit Telefonen.' }
      : { said: `${which}, obwohl der Ton anderer Anrufe zu sehen ist: In ihnen wurde nichts gesendet, oder es nahm einen Weg, den kein Sensor sieht.`, cure: 'Einen der Anrufe ansehen: Sein Ablauf zeigt, welche Adressen das SDP für den Ton nannte.' };
  },
  VERDICT_KIND_ENCRYPTED_MEDIA: (f) => ({
    said: `${german(f.n('encrypted calls'))} von ${f.count('calls with media', 'Anruf', 'Anrufen')} mit Ton ${f.n('encrypted calls') === 1 ? 'ist' : 'sind'} verschlüsselt (SRTP), und die Schlüssel sind hier nicht bekannt. Wer wen anrief, Zeiten, Verlust und Jitter stimmen; zu hören gibt es nichts.`,
    cure: `Sollen diese Anrufe aufgezeichnet werden: ${f.has('DTLS handshakes') ? 'dem Sensor das Key-Log von Anlage oder Gateway geben (decrypt.key_logs), ' : ''}die Anlage innen unverschlüsseltes RTP sprechen lassen, oder einen Sensor dorthin setzen, wo sie das tut.`,
  }),
  VERDICT_KIND_ENCRYPTED_SIGNALLING: (f) => ({
    said: `${f.n('SIP that was read') === 0 ? 'Alle' : 'Ein Teil der'} Signalisierung hier ist verschlüsselt (SIP über TLS, Port 5061): Wer wen anrief, ist nicht zu lesen, und der Ton erscheint als Anrufe ohne Signalisierung.`,
    cure: 'Dem Sensor die Key-Logs von Anlage oder Proxy geben (decrypt.key_logs), Telefone und Anlage innen über UDP oder TCP signalisieren lassen, oder einen Sensor dorthin setzen, wo sie das tun (etwa zwischen Anlage und Trunk).',
  }),
};

// Null: the collector's own words have to do.
export function inGerman(verdict: Verdict): Told | null {
  const tell = told[verdict.kind as keyof typeof told] as ((f: Facts) => Told) | undefined;
  try {
    return tell?.(new Facts(verdict)) ?? null;
  } catch (error) {
    if (error instanceof Unknown) return null;
    throw error;
  }
}
