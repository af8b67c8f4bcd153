// What admins order about a call: legal hold, deletion.
import { useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Call } from '../api/types';
import { dateTime } from '../format';
import { t } from '../i18n';
import { navigate } from '../route';
import { isAdmin, useSession } from '../session';
import { Icon } from '../ui/icons';
import { Dialog, ErrorNotice, Field } from '../ui/parts';

const orders = {
  hold: async (call: Call, reason: string) => { await rpc('CallService/HoldCall', { id: call.id!, reason }); },
  release: async (call: Call, reason: string) => { await rpc('CallService/ReleaseCall', { id: call.id!, reason }); },
  delete: async (call: Call, reason: string) => { await rpc('CallService/DeleteCall', { id: call.id!, reason }); },
};
type Kind = keyof typeof orders;

function Order({ kind, call, onDone, onClose }: { kind: Kind; call: Call; onDone: () => void; onClose: () => void }) {
  const [reason, setReason] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    setBusy(true);
    try {
      await orders[kind](call, reason.trim());
      onDone();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog title={t(`order.${kind}Title`)} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{t(`order.${kind}Text`)}</p>
        <Field id="order-reason" label={t('order.reason')} hint={t('order.reasonText')}>
          <input id="order-reason" required maxLength={160} autoFocus autocomplete="off" value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
        </Field>
        {error != null && <ErrorNotice error={error} />}
        <div class="row">
          <button class={`button ${kind === 'delete' ? 'danger' : 'primary'}`} disabled={busy}>{t(`order.${kind}`)}</button>
          <button type="button" class="button" onClick={onClose}>{t('app.cancel')}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function Orders({ call, onChange }: { call: Call; onChange: () => void }) {
  const session = useSession();
  const [asked, setAsked] = useState<Kind | null>(null);
  if (!isAdmin(session)) return null;
  const done = () => {
    if (asked === 'delete') return navigate('/calls');
    setAsked(null);
    onChange();
  };
  const first: Kind = call.hold ? 'release' : 'hold';
  return (
    <>
      <button type="button" class="button" onClick={() => setAsked(first)}><Icon name="lock" />{t(`order.${first}`)}</button>
      {!call.hold && <button type="button" class="button" onClick={() => setAsked('delete')}><Icon name="stop" />{t('order.delete')}</button>}
      {asked && <Order kind={asked} call={call} onDone={done} onClose={() => setAsked(null)} />}
    </>
  );
}

export function HoldNotice({ call }: { call: Call }) {
  if (!call.hold) return null;
  const values = { user: call.hold.user || '?', time: dateTime(call.hold.time), reason: call.hold.reason ?? '' };
  return <p class="notice"><Icon name="lock" /><span class="grow break"><strong>{t('hold.chip')}:</strong> {t('hold.text', values)}</span></p>;
}
