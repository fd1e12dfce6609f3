#include <fmt/format.h>

#include <span>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "base/atomic_file.h"
#include "engine/api/evaluate.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

struct Written {
    std::int64_t positions = 0;
    std::int64_t nVocab = 0;
};

Result<Written> writeLogits(const CommonOptions& common, const LogitsOptions& options) {
    SOTTO_ASSIGN(const std::vector<std::int32_t> tokens, readTokenFile(options.tokensFile));
    if (tokens.empty()) {
        return fail(ErrorCode::InvalidArgument,
                    fmt::format("'{}' holds no tokens; give at least one.", options.tokensFile));
    }
    AtomicFileOptions writing{modelFiles(common.model)};
    writing.inputs.emplace_back(options.tokensFile);
    SOTTO_ASSIGN(AtomicFile file, AtomicFile::create(options.outFile, writing));
    Written written;
    Status appended;
    ProgressBar bar("logits", "tokens");
    const auto progress = progressSink(bar);
    // The bytes of float32 as they are: every machine we run on is little-endian.
    const auto sink = [&](std::int64_t, std::span<const float> logits) {
        if (!appended) return;
        appended = file.append(std::as_bytes(logits));
        ++written.positions;
        written.nVocab = static_cast<std::int64_t>(logits.size());
    };
    SOTTO_TRY(evaluateLogits(common.engine(), common.load(), tokens, sink,
                             [&](std::int64_t done, std::int64_t total) {
                                 return progress(done, total) && appended.has_value();
                             })
                  .or_else([&](Error error) -> Status {
                      // A full disk stops the work by cancelling it: name the cause.
                      return appended ? Status(fail(std::move(error))) : appended;
                  }));
    SOTTO_TRY(appended);
    SOTTO_TRY(file.commit());
    return written;
}

}  // namespace

int runLogits(const CommonOptions& common, const LogitsOptions& options) {
    const auto written = writeLogits(common, options);
    if (!written) return printError(written.error(), common.isJson);
    if (common.isJson) {
        printJson({{"positions", written->positions}, {"n_vocab", written->nVocab}});
    } else {
        print(fmt::format("{} positions of {} logits in {}\n", written->positions, written->nVocab,
                          options.outFile));
    }
    return finishOutput();
}

}  // namespace sotto::cli
