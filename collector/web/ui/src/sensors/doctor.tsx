// What is wrong with the mirrors, and the cure.
import { useEffect, useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { CapturePointHealth, Severity, SignallingHost, SwitchFamily, Verdict, VerdictEvidence } from '../api/types';
import { number } from '../format';
import { locale, t, tn } from '../i18n';
import { Icon } from '../ui/icons';
import { useLoad } from '../ui/load';
import { Command, ErrorNotice, Field, Skeleton } from '../ui/parts';
import { factOf, wordsOf } from './verdict_words';

const families: SwitchFamily[] = [
  'SWITCH_FAMILY_CISCO_IOS', 'SWITCH_FAMILY_CISCO_NXOS', 'SWITCH_FAMILY_ARUBA_OS_SWITCH', 'SWITCH_FAMILY_ARUBA_CX', 'SWITCH_FAMILY_JUNIPER',
  'SWITCH_FAMILY_MIKROTIK', 'SWITCH_FAMILY_MIKROTIK_CRS', 'SWITCH_FAMILY_DELL_OS6', 'SWITCH_FAMILY_DELL_OS10', 'SWITCH_FAMILY_EDGESWITCH',
  'SWITCH_FAMILY_UNIFI', 'SWITCH_FAMILY_NETGEAR', 'SWITCH_FAMILY_LINUX_BRIDGE',
];

const tones: Record<Severity, string> = { SEVERITY_UNSPECIFIED: '', SEVERITY_NOTE: 'accent', SEVERITY_WARNING: 'warn', SEVERITY_PROBLEM: 'bad' };

function EvidenceView({ fact }: { fact: VerdictEvidence }) {
  const { name, value } = factOf(fact);
  return <div class="fact"><dt class="muted small">{name}</dt><dd class="break">{value}</dd></div>;
}

function VerdictView({ verdict }: { verdict: Verdict }) {
  const severity = verdict.severity ?? 'SEVERITY_UNSPECIFIED';
  const { said, cure, original } = wordsOf(verdict);
  const about = [verdict.site, verdict.sensor, verdict.capturePoint, verdict.number, verdict.address, verdict.mac].filter(Boolean).join(' · ');
  return (
    <li class={`panel verdict ${tones[severity]}`} data-kind={verdict.kind}>
      <div class="row"><span class={`chip ${tones[severity]}`}>{t(`severity.${severity}`)}</span><h3>{t(`verdict.${verdict.kind ?? 'VERDICT_KIND_UNSPECIFIED'}`)}</h3><span class="muted small break">{about}</span></div>
      <p class="said">{said}</p>
      {cure && (
        <div class="cure">
          <h4>{t('doctor.cure')}</h4>
          <p>{cure}</p>
          {(verdict.commands ?? []).length > 0 && <Command text={verdict.commands!.join('\n')} />}
        </div>
      )}
      {(verdict.evidence ?? []).length > 0 && (
        <details>
          <summary>{t('doctor.restsOn')}</summary>
          <dl class="facts-line">{verdict.evidence!.map((fact, i) => <EvidenceView key={i} fact={fact} />)}</dl>
          {original && <p class="muted small">{t('doctor.original')}: <span lang="en">{original}</span></p>}
        </details>
      )}
      {(verdict.calls ?? []).length > 0 && (
        <p class="small">{t('doctor.calls')}: {verdict.calls!.map((id) => <a key={id} class="mono call-id" href={`/calls/${id}`}>{id.slice(0, 8)}</a>)}</p>
      )}
    </li>
  );
}

function Seen({ points }: { points: CapturePointHealth[] }) {
  return (
    <section class="panel pad stack tight">
      <h3>{t('sensors.seen')}</h3>
      <ul class="stack tight">
        {points.map((point) => (
          <li key={`${point.sensor}/${point.capturePoint}`}><strong>{point.sensor}</strong> <span class="muted break">{point.capturePoint}</span><br />{point.summary}</li>
        ))}
      </ul>
    </section>
  );
}

function Hosts({ hosts }: { hosts: SignallingHost[] }) {
  return (
    <details class="panel">
      <summary class="pad"><strong>{t('doctor.hosts')}</strong> <span class="muted">{number(hosts.length, locale())}</span></summary>
      <div class="scroll-x" tabIndex={0} role="region" aria-label={t('doctor.hosts')}>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{t('doctor.host')}</th><th scope="col">{t('doctor.number')}</th><th scope="col">{t('sensors.site')}</th>
              <th scope="col" class="right">{t('doctor.callsWith')}</th><th scope="col" class="right">{t('doctor.heard')}</th><th scope="col" class="right">{t('doctor.reached')}</th>
              <th scope="col">{t('doctor.seenAt')}</th>
            </tr>
          </thead>
          <tbody>
            {hosts.map((host) => (
              <tr key={`${host.site} ${host.address}`}>
                <th scope="row"><span class="mono">{host.address}</span> <span class="muted small">{host.mac}</span></th>
                <td>{host.isServer ? t('doctor.server') : host.number || t('doctor.phone')}</td>
                <td>{host.site}</td>
                <td class="right">{number(host.calls, locale())}</td>
                <td class="right">{number(host.callsHeard, locale())}</td>
                <td class="right">{number(host.callsReached, locale())}</td>
                <td class="break">{(host.capturePoints ?? []).join(', ')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}

// `onHosts` learns who signals, and where that is seen.
export function Doctor({ sensor, onHosts }: { sensor: string; onHosts: (hosts: SignallingHost[]) => void }) {
  const [family, setFamily] = useState<SwitchFamily>('SWITCH_FAMILY_CISCO_IOS');
  const asked = useLoad(`${sensor} ${family}`, (signal) => rpc('SensorService/Diagnose', { ...(sensor && { sensor }), switchFamily: family }, signal));
  const found = asked.value;
  const verdicts = found?.verdicts ?? [];
  useEffect(() => { if (found) onHosts(found.hosts ?? []); }, [found]);
  return (
    <section class="stack doctor" aria-label={t('doctor.title')}>
      <div class="page-head">
        <h2>{t('doctor.title')}{sensor && ` · ${sensor}`}</h2>
        <span class="muted">{t('doctor.intro')} {found && tn('doctor.looked', found.calls ?? 0)}</span>
        <span class="grow" />
        <Field id="family" label={t('doctor.family')}>
          <select id="family" value={family} onChange={(event) => setFamily(event.currentTarget.value as SwitchFamily)}>
            {families.map((one) => <option key={one} value={one}>{t(`family.${one}`)}</option>)}
          </select>
        </Field>
      </div>
      {asked.error != null && <ErrorNotice error={asked.error} onRetry={asked.reload} />}
      {!found && asked.error == null && <div class="panel"><Skeleton lines={4} /></div>}
      {found && verdicts.length === 0 && <p class="notice"><Icon name="check" />{t('doctor.well')}</p>}
      <ul class="stack">{verdicts.map((verdict, i) => <VerdictView key={i} verdict={verdict} />)}</ul>
      {found?.truncated && <p class="muted">{t('doctor.truncated')}</p>}
      {(found?.capturePoints ?? []).length > 0 && <Seen points={found!.capturePoints!} />}
      {(found?.hosts ?? []).length > 0 && <Hosts hosts={found!.hosts!} />}
    </section>
  );
}
