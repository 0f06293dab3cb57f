import type { NoticeCode } from '../codes';
import type { CodeHelp } from './code-help';

/** Meaning and advice of each notice. */
export const NOTICE_HELP: Readonly<Record<NoticeCode, CodeHelp>> = {
  OPEN_CHAIN: {
    meaning: 'An open chain has no closing event: its writer still runs, or was stopped without notice.',
    advice: 'Whether its last events were cut off cannot be told from the chain; ledger and edge log tell.',
  },
  UNCONFIRMED: {
    meaning: 'Events are missing before this one that no sink took; the writer itself named them.',
    advice: 'They lie on the function’s log: audit-proxy recover brings them into the trail.',
  },
  CHAIN_BORDER: {
    meaning:
      'Chains begin, or go on after a gap, at hours that this run did not look at, or of which objects were disposed of after their retention: what is missing may lie there.',
    advice: 'An earlier run saw those hours. To see all that is there, verify without --from-checkpoint.',
  },
  NO_LEDGER: {
    meaning: 'The trail has no ledger: fingerprints and chains were checked, removed chains cannot be noticed.',
    advice: 'Trails of earlier versions have none. If this one had, somebody removed it.',
  },
  KEY_NOT_PINNED: {
    meaning: 'The key lies beside the trail: whoever can change one can change the other.',
    advice: 'Write this key down in another place now, and give it with --key from then on.',
  },
  NO_EARLIER_CHECKPOINT: {
    meaning: 'No checkpoint was saved earlier: that the ledger only grew could not be checked.',
    advice: 'This run saves one, if the ledger is sound; the next will be checked against it.',
  },
  CHECKPOINT_NOT_SAVED: {
    meaning: 'The checkpoint could not be saved for the next run.',
    advice: 'Give a file that can be written with --since.',
  },
  NOT_SEALED_YET: {
    meaning: 'Some objects are too young to be in the ledger.',
    advice: 'Verify again later; --seal-lag says how old an object must be to be missed.',
  },
  EXPIRED_AS_PROMISED: {
    meaning: 'Objects of the ledger are past their retention and were disposed of by rule.',
    advice: 'Nothing to do.',
  },
  UNWITNESSED_EVENT: {
    meaning:
      'The edge log has no record of the request, but confirms a later one of the same chain: whoever wrote that wrote this.',
    advice:
      'API Gateway may lose a record. Something may have called the function past the gateway; or the whole chain is forged around a request that came.',
  },
  EDGE_LOG_CUT: {
    meaning: 'The local gateway was stopped before it delivered its record of the request; it still has it.',
    advice: 'Start the pipeline on this folder again: it delivers what is left.',
  },
  UNAUDITED_REQUEST: {
    meaning: 'A request for which the function may have run, without an answer of its own, has no event.',
    advice: 'The function died under it, or its events wait on its log: audit-proxy recover.',
  },
};
