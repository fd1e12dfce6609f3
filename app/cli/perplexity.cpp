#include <fmt/format.h>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/progress_bar.h"
#include "engine/api/evaluate.h"

namespace sotto::cli {

namespace {

Result<PerplexityResult> evaluate(const CommonOptions& common,
                                  const PerplexityCommandOptions& options) {
    SOTTO_ASSIGN(const std::string text, readFile(options.textFile));
    PerplexityOptions settings;
    if (common.contextTokens > 0) settings.contextTokens = common.contextTokens;
    settings.maxChunks = options.maxChunks;
    settings.saveLogits = options.saveFile;
    settings.compareWith = options.compareFile;
    settings.inputs = {options.textFile};
    LoadOptions model = common.load();
    model.contextTokens = settings.contextTokens;
    ProgressBar bar("perplexity", "tokens");
    return evaluatePerplexity(common.engine(), model, text, settings, progressSink(bar));
}

Json toJson(const PerplexityResult& result) {
    Json json{{"perplexity", result.perplexity},
              {"standard_error", result.standardError},
              {"tokens", result.tokens}};
    if (result.hasKl) {
        json["kl"] = {{"mean", result.klMean},
                      {"median", result.klMedian},
                      {"p99", result.klP99},
                      {"max", result.klMax}};
        json["top1_agreement"] = result.top1Agreement;
    }
    return json;
}

}  // namespace

int runPerplexity(const CommonOptions& common, const PerplexityCommandOptions& options) {
    const auto result = evaluate(common, options);
    if (!result) return printError(result.error(), common.isJson);
    if (common.isJson) {
        printJson(toJson(*result));
        return finishOutput();
    }
    print(fmt::format("Perplexity {:.4f} ± {:.4f} over {} tokens\n", result->perplexity,
                      result->standardError, result->tokens));
    if (result->hasKl) {
        print(
            fmt::format("KL divergence in nats: mean {:.6f}, median {:.6f}, 99 % {:.6f}, "
                        "largest {:.6f}\nSame first choice: {:.2f} %\n",
                        result->klMean, result->klMedian, result->klP99, result->klMax,
                        result->top1Agreement * 100));
    }
    return finishOutput();
}

}  // namespace sotto::cli
