// Every operation of a KernelSet against the reference set, at the shapes where kernels break.
//
// Shared by the tests and by `sotto-cli doctor`: the same cases that guard development can be run
// on a user's machine. Each case makes its own inputs from a fixed seed (Gaussian with outliers),
// runs the subject and the reference on them and compares element by element with a bound that is
// derived from the arithmetic, not from what was observed.
// Ownership: the cases keep a reference to the subject. They call its reserve(), so give them a set
// that nobody is generating with. Thread: one caller.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "engine/kernels/kernel_set.h"

namespace sotto {

struct SelftestResult {
    bool ok = false;
    double maxError = 0;  // the absolute error that came closest to (or passed) its bound
    double bound = 0;     // that element's bound
    std::string detail;   // where it was: index, expected, actual; or why the case could not run
    // What it compares with cannot do it here, as `detail` says: neither passed nor failed.
    bool isSkipped = false;
};

struct SelftestCase {
    std::string name;  // "linear q4_k 17x768, 5 tokens"
    std::function<SelftestResult()> run;
};

// The subject's kernels held to one shape (CudaKernelOptions::onlyTileTokens), so that each is
// tried whatever the device would choose.
struct SelftestVariant {
    KernelSet* kernels = nullptr;
    std::int64_t blockTokens = 0;
};

struct SelftestOptions {
    std::vector<SelftestVariant> variants;  // as the subject: must outlive the cases
    // One matrix per type as large as models have them: seconds each, and hundreds of megabytes.
    bool isRealSize = false;
};

// Some 230 cases, about a second in all on one core; for each variant another 20.
std::vector<SelftestCase> selftestCases(KernelSet& subject, const SelftestOptions& options = {});

}  // namespace sotto
