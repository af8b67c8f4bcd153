// A link to the call for somebody who has no token.
import { useState } from 'preact/hooks';
import { rpc } from '../api/client';
import type { Call, ShareCallResponse } from '../api/types';
import { dateTime } from '../format';
import { t } from '../i18n';
import { Icon } from '../ui/icons';
import { Command, Dialog, ErrorNotice, Field } from '../ui/parts';

const choices = [1, 7, 30];
const dayMs = 86_400_000;

function Form({ call, onClose }: { call: Call; onClose: () => void }) {
  const [name, setName] = useState('');
  const [days, setDays] = useState(7);
  const [error, setError] = useState<unknown>(null);
  const [made, setMade] = useState<ShareCallResponse | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setError(null);
    try {
      const expireTime = new Date(Date.now() + days * dayMs - 60_000).toISOString();
      setMade(await rpc('AccessService/ShareCall', { id: call.id!, name: name.trim(), expireTime }));
    } catch (reason) {
      setError(reason);
    }
  };
  if (made) {
    return (
      <Dialog title={t('share.title')} onClose={onClose}>
        <p>{t('share.made', { time: dateTime(made.token?.expireTime) })}</p>
        <Command text={location.origin + (made.path ?? '')} />
        <div class="row"><button type="button" class="button primary" onClick={onClose}>{t('app.close')}</button></div>
      </Dialog>
    );
  }
  return (
    <Dialog title={t('share.title')} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <p>{t('share.text')}</p>
        <Field id="share-name" label={t('share.name')} hint={t('share.nameText')}>
          <input id="share-name" required maxLength={64} pattern="[A-Za-z0-9._@\-]+" autoFocus autocomplete="off" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </Field>
        <Field id="share-days" label={t('share.days')}>
          <select id="share-days" value={days} onChange={(event) => setDays(Number(event.currentTarget.value))}>
            {choices.map((one) => <option key={one} value={one}>{one === 1 ? t('share.oneDay') : t('share.someDays', { days: one })}</option>)}
          </select>
        </Field>
        {error != null && <ErrorNotice error={error} />}
        <div class="row">
          <button class="button primary">{t('share.make')}</button>
          <button type="button" class="button" onClick={onClose}>{t('app.cancel')}</button>
        </div>
      </form>
    </Dialog>
  );
}

export function Share({ call }: { call: Call }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" class="button" onClick={() => setOpen(true)}><Icon name="out" />{t('share.button')}</button>
      {open && <Form call={call} onClose={() => setOpen(false)} />}
    </>
  );
}
