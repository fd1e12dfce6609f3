#include "engine/api/imatrix.h"

#include <fmt/format.h>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"

namespace sotto::cli {

namespace {

Result<ImatrixResult> measure(const CommonOptions& common, const ImatrixCommandOptions& options) {
    SOTTO_ASSIGN(const std::string path, evaluationTextPath(options.textFile));
    SOTTO_ASSIGN(const std::string text, readFile(path));
    ImatrixOptions settings;
    settings.output = options.outFile;
    settings.dataset = evaluationTextName(options.textFile);
    if (common.contextTokens > 0) settings.contextTokens = common.contextTokens;
    settings.maxChunks = options.maxChunks;
    settings.hasHead = options.hasHead;
    settings.hasSensitivity = options.hasSensitivity;
    settings.inputs = {path};
    ProgressBar bar("imatrix", "tokens");
    return measureImatrix(common.engine(), common.load(), text, settings, progressSink(bar));
}

}  // namespace

int runImatrix(const CommonOptions& common, const ImatrixCommandOptions& options) {
    const auto result = measure(common, options);
    if (!result) return printError(result.error(), common.isJson);
    if (common.isJson) {
        printJson({{"entries", result->entries},
                   {"chunks", result->chunks},
                   {"resumed_chunks", result->resumedChunks},
                   {"tokens", result->tokens}});
        return finishOutput();
    }
    print(fmt::format("{}: {} entries of {} chunks, {} tokens{}\n", options.outFile,
                      result->entries, result->chunks, result->tokens,
                      result->resumedChunks == 0 ? std::string()
                                                 : fmt::format(" ({} chunks were measured before)",
                                                               result->resumedChunks)));
    return finishOutput();
}

}  // namespace sotto::cli
