// The Core of driver.cc in Verilator.
#include "Vcore.h"
#include "verilated.h"

struct Core {
    VerilatedContext context;
    Vcore model{&context};

    // The first evaluation reads the contents of memories.
    Core() { settle(); }
    void offer(bool valid, uint64_t payload, bool ready) {
        model.events_valid = valid;
        model.events_payload = payload;
        model.answers_ready = ready;
    }
    bool takes() const { return model.events_ready; }
    bool gives() const { return model.answers_valid; }
    uint64_t answer() const { return model.answers_payload; }
    void settle() {
        model.clk = 0;
        model.eval();
    }
    void edge() {
        model.clk = 1;
        model.eval();
    }
};
