// The Core of driver.cc in CXXRTL. SETTLES says that one evaluation settles all combinational logic (it has no loops, nor
// what looks like one); then outputs and next state come from the same evaluation, half the work.
#include "model.cc"

struct Core {
    cxxrtl_design::p_core model;

    void offer(bool valid, uint64_t payload, bool ready) {
        model.p_events__valid.set<bool>(valid);
        model.p_events__payload.set<uint64_t>(payload);
        model.p_answers__ready.set<bool>(ready);
    }
    bool takes() const { return model.p_events__ready.get<bool>(); }
    bool gives() const { return model.p_answers__valid.get<bool>(); }
    uint64_t answer() const { return model.p_answers__payload.get<uint64_t>(); }
#if SETTLES
    void settle() {
        model.prev_p_clk.set<bool>(false);
        model.p_clk.set<bool>(true);
        model.p_core::eval();
    }
    void edge() { model.p_core::commit(); }
#else
    void settle() {
        model.p_clk.set<bool>(false);
        model.step();
    }
    void edge() {
        model.p_clk.set<bool>(true);
        model.step();
    }
#endif
};
