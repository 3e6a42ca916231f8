import type { FenergoFeed } from '../feeds.ts';

/** What the kinds of events of a feed have for themselves. */
export interface EventKind {
  readonly eventType: string;
  /** `relativeUrl`; `entity` is what it is about, `part` a part of that. */
  url(entity: string, part: string): string;
  /** The beginning of `payload`: JSON members, without braces. */
  payload(entity: string, part: string): string;
}

function task(eventType: string, name: string, type: string): EventKind {
  return {
    eventType,
    url: (entity, part) => `journeyquery/api/journey-instance/${entity}/task/${part}`,
    payload: (_entity, part) => `"TaskId":"${part}","TaskName":"${name}","TaskType":"${type}"`,
  };
}

function below(eventType: string, root: string, idName: string, rest: string): EventKind {
  return {
    eventType,
    url: (entity, part) => `${root}/${entity}/${part}`,
    payload: (entity, part) => `"${idName}":"${part}","EntityId":"${entity}",${rest}`,
  };
}

export const eventKinds: Readonly<Record<FenergoFeed, readonly EventKind[]>> = {
  journey: [
    task('journey:taskcompleted', 'Resolve Pre-Screening Matches', 'ScreeningMatchResolutionTask'),
    task('journey:taskassigned', 'Überprüfung der Angaben', 'DataTask'),
    task('journey:stagecompleted', 'KYC & Due Diligence', 'Stage'),
  ],
  entitydata: [
    below('entitydata:updated', 'entitydataquery/api/v2/entity', 'VersionId', '"Jurisdiction":"IE","Score":1.0'),
    below('entitydata:created', 'entitydataquery/api/v2/entity', 'VersionId', '"LegalName":"Søren & Zoë Ltd"'),
  ],
  document: [
    below('document:created', 'documentmanagementquery/api/document', 'DocumentId', '"Pages":12,"Name":"pass.pdf"'),
    below('document:deleted', 'documentmanagementquery/api/document', 'DocumentId', '"Reason":null'),
  ],
  screening: [
    below('screening:completed', 'screeningquery/api/screening', 'ScreeningId', '"Matches":[],"Provider":"A"'),
    below('screening:hitfound', 'screeningquery/api/screening', 'ScreeningId', '"Matches":[{"Score":0.87}]'),
  ],
  digitalidv: [below('digitalidv:completed', 'digitalidvquery/api/verification', 'VerificationId', '"Result":"Pass"')],
  association: [
    below('association:created', 'associationquery/api/association', 'AssociationId', '"Type":"Director"'),
    below('association:deleted', 'associationquery/api/association', 'AssociationId', '"Type":"Shareholder"'),
  ],
};
