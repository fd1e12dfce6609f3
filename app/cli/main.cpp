// sotto-cli: the engine without a window. Exit status: 0 done, 1 the work failed, 2 wrong usage.
#include <exception>
#include <new>
#include <string>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"

namespace {

int run(const sotto::cli::CommandLine& line) {
    using namespace sotto::cli;
    if (line.command == "info") return runInfo(line.common);
    if (line.command == "tokenize") return runTokenize(line.common, line.tokenize);
    if (line.command == "render") return runRender(line.common, line.render);
    if (line.command == "logits") return runLogits(line.common, line.logits);
    if (line.command == "generate") return runGenerate(line.common, line.generate);
    if (line.command == "chat") return runChat(line.common, line.chat);
    if (line.command == "bench" && !line.bench.load.empty())
        return runLoadBench(line.common, line.bench);
    if (line.command == "bench") return runBench(line.common, line.bench);
    if (line.command == "search") return runSearch(line.common, line.search);
    if (line.command == "pull") return runPull(line.common, line.pull);
    if (line.command == "models") return runModels(line.common);
    if (line.command == "forecast") return runForecast(line.common, line.forecast);
    if (line.command == "perplexity") return runPerplexity(line.common, line.perplexity);
    if (line.command == "quantize") return runQuantize(line.common, line.quantize);
    if (line.command == "imatrix") return runImatrix(line.common, line.imatrix);
    if (line.command == "compare") return runCompare(line.common, line.compare);
    return runDoctor(line.common, line.doctor);
}

}  // namespace

int main(int argc, char** argv) {
    using namespace sotto;
    cli::CommandLine line;
    const auto fail = [&line](ErrorCode code, const std::string& sentence) {
        return cli::printError(Error{code, sentence}, line.common.isJson);
    };
    try {
        if (const auto status = cli::parseCommandLine(argc, argv, line)) return *status;
        cli::preparePlatform();
        return run(line);
    } catch (const std::bad_alloc&) {
        return fail(ErrorCode::OutOfMemory, "there is not enough memory");
    } catch (const std::exception& error) {
        // A defect of ours, but still one line and a status rather than a crash.
        return fail(ErrorCode::Internal, std::string("internal error: ") + error.what());
    }
}
