// Feeds a list of tokens to a core and notes its answers, cycle by cycle; called from rtl/simulation/compiled.py.
//
// CORE names the file with a struct Core (a simulator's model of the hardware):
//   void offer(bool valid, uint64_t payload, bool ready)   sets the inputs for this cycle
//   void settle()                                          brings the outputs up to date with them
//   bool takes(), bool gives(), uint64_t answer()          events.ready, answers.valid, answers.payload
//   void edge()                                            the rising edge of the clock
#include <cstdint>
#include <new>

// Word n of what the memories hold at first; only while a core is made.
static thread_local const uint32_t *contents;
extern "C" unsigned stored(unsigned n) { return contents[n]; }

#include CORE

// Mirrored by Run in compiled.py. Patterns go round and round, a cycle each; with length 0 every cycle is meant.
struct Run {
    const uint64_t *tokens;   // payloads to offer
    uint64_t *taken;          // the cycle in which each was taken
    uint64_t count, at;       // tokens in all, tokens taken
    uint64_t *answers;        // payloads that came out
    uint64_t *given;          // the cycle in which each did
    uint64_t room, filled;    // answers that fit, answers that came
    const uint8_t *offers;    // pattern: a new token is offered
    uint64_t offers_length;
    const uint8_t *accepts;   // pattern: an answer is accepted
    uint64_t accepts_length;
    uint64_t final_mask;      // the bits last and final of an answer
    uint64_t finals;          // ends of samples that are still to come
    uint64_t patience;        // cycles without a transfer before it gives up
    uint64_t cycle, idle;     // cycles so far, cycles since the last transfer
    uint64_t offered;         // a token is offered and has to stay
};

enum Outcome { FINISHED, FULL, STUCK };

extern "C" {

void *core_new(const uint32_t *words) {
    contents = words;
    return new (std::nothrow) Core;
}

void core_delete(void *core) { delete static_cast<Core *>(core); }

// Until the samples have ended, there is no room for answers (call again with more), or nothing moves any more.
int core_run(void *core_pointer, Run *run) {
    Core &core = *static_cast<Core *>(core_pointer);
    Run r = *run;
    uint64_t offer_at = r.offers_length ? r.cycle % r.offers_length : 0;
    uint64_t accept_at = r.accepts_length ? r.cycle % r.accepts_length : 0;
    Outcome outcome = FINISHED;
    while (r.finals) {
        if (r.filled == r.room || r.idle == r.patience) {
            outcome = r.filled == r.room ? FULL : STUCK;
            break;
        }
        r.offered = r.at < r.count && (r.offered || !r.offers_length || r.offers[offer_at]);
        bool accepted = !r.accepts_length || r.accepts[accept_at];
        core.offer(r.offered, r.offered ? r.tokens[r.at] : 0, accepted);
        core.settle();
        r.idle++;
        if (r.offered && core.takes()) {
            r.taken[r.at++] = r.cycle;
            r.offered = 0;
            r.idle = 0;
        }
        if (accepted && core.gives()) {
            uint64_t answer = core.answer();
            r.answers[r.filled] = answer;
            r.given[r.filled++] = r.cycle;
            if ((answer & r.final_mask) == r.final_mask) r.finals--;
            r.idle = 0;
        }
        core.edge();
        r.cycle++;
        if (r.offers_length && ++offer_at == r.offers_length) offer_at = 0;
        if (r.accepts_length && ++accept_at == r.accepts_length) accept_at = 0;
    }
    *run = r;
    return outcome;
}

}
