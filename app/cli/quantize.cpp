#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>

#include "app/cli/input.h"
#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/cli/progress_bar.h"
#include "engine/api/quantize.h"

namespace sotto::cli {

namespace {

constexpr double kMegabyte = 1e6;
constexpr double kGibibyte = 1024.0 * 1024.0 * 1024.0;

Result<QuantizeOptions> quantizeOptions(const CommonOptions& common,
                                        const QuantizeCommandOptions& options) {
    QuantizeOptions result;
    result.source = common.model;
    result.target = options.target;
    result.type = options.type;
    result.budget.bitsPerWeight = options.targetBits;
    result.budget.fileBytes = static_cast<std::uint64_t>(options.targetGib * kGibibyte);
    result.keep = options.keep;
    result.importance = options.importanceFile;
    result.method = methodFromName(options.method).value_or(ModelMethod::Search);
    if (result.method == ModelMethod::Gptq) {
        SOTTO_ASSIGN(const std::string path, evaluationTextPath(options.calibrationFile));
        SOTTO_ASSIGN(result.calibration.text, readFile(path));
        result.calibration.file = path;
        result.calibration.name = evaluationTextName(options.calibrationFile);
        result.calibration.maxChunks = options.maxChunks;
    }
    result.nThreads = common.nThreads;
    return result;
}

// What a run took, beside what it made.
struct Speed {
    double seconds = 0;         // of the whole run
    double hashingSeconds = 0;  // of them, the reading for the source's hash
    std::uint64_t sourceBytes = 0;

    double gigabytesPerSecond() const {
        return seconds > 0 ? double(sourceBytes) / 1e9 / seconds : 0;
    }
};

// A bar for each phase: they differ in speed by far.
class PhaseBars {
public:
    bool update(const QuantizeProgress& progress) {
        const bool isTokens = progress.phase == QuantizeProgress::Phase::Calibrating;
        if (!m_bar || m_phase != progress.phase) {
            endPhase();
            m_phase = progress.phase;
            m_bar.emplace(nameOf(m_phase), isTokens ? "tokens" : "MB");
        }
        const double unit = isTokens ? 1 : kMegabyte;
        m_bar->update(static_cast<std::int64_t>(double(progress.doneBytes) / unit),
                      static_cast<std::int64_t>(double(progress.totalBytes) / unit));
        return !isInterrupted();
    }

    void endPhase() {
        if (m_bar && m_phase == QuantizeProgress::Phase::Hashing)
            m_hashingSeconds = seconds() - m_phaseBegin;
        m_phaseBegin = seconds();
    }

    double hashingSeconds() const { return m_hashingSeconds; }
    // Since the begin of the run.
    double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_begin).count();
    }

private:
    static const char* nameOf(QuantizeProgress::Phase phase) {
        switch (phase) {
            case QuantizeProgress::Phase::Measuring: return "measuring";
            case QuantizeProgress::Phase::Hashing: return "reading";
            case QuantizeProgress::Phase::Calibrating: return "calibrating";
            case QuantizeProgress::Phase::Quantizing: break;
        }
        return "quantizing";
    }

    QuantizeProgress::Phase m_phase = QuantizeProgress::Phase::Hashing;
    std::optional<ProgressBar> m_bar;
    double m_hashingSeconds = 0;
    double m_phaseBegin = 0;
    std::chrono::steady_clock::time_point m_begin = std::chrono::steady_clock::now();
};

Json toJson(const QuantizeReport& report, const std::optional<Speed>& speed) {
    Json tensors = Json::array();
    for (const QuantizedTensor& tensor : report.tensors) {
        Json one{{"name", tensor.name},
                 {"shape", tensor.shape},
                 {"from", dtypeTraits(tensor.from).name},
                 {"to", dtypeTraits(tensor.to).name}};
        if (tensor.refused) one["refused"] = dtypeTraits(*tensor.refused).name;
        if (speed) one["rmse"] = tensor.rmse;
        if (speed) one["error_feedback"] = tensor.isFedBack;
        if (report.spent) one["expected_loss"] = tensor.expectedLoss;
        tensors.push_back(std::move(one));
    }
    Json json{{"file_bytes", report.fileBytes},
              {"source_bytes", report.sourceBytes},
              {"bits_per_weight", report.bitsPerWeight},
              {"warnings", report.warnings},
              {"tensors", std::move(tensors)}};
    if (report.nFolded > 0) json["folded_tensors"] = report.nFolded;
    if (report.spent) {
        json["target_bytes"] = report.spent->budgetBytes;
        json["expected_loss"] = report.spent->loss;
        json["sampling_error"] = report.spent->samplingError;
    }
    if (speed) {
        json["seconds"] = speed->seconds;
        json["hashing_seconds"] = speed->hashingSeconds;
        json["source_gb_s"] = speed->gigabytesPerSecond();
    }
    return json;
}

std::string shapeText(const std::vector<std::int64_t>& shape) {
    std::string text;
    for (const std::int64_t size : shape)
        text += (text.empty() ? "" : " x ") + std::to_string(size);
    return text;
}

void printTensors(const QuantizeReport& report) {
    for (const QuantizedTensor& tensor : report.tensors) {
        const std::string_view from = dtypeTraits(tensor.from).name;
        print(tensor.from == tensor.to
                  ? fmt::format("{:<36} {:>20}  {}\n", tensor.name, shapeText(tensor.shape), from)
                  : fmt::format("{:<36} {:>20}  {} -> {}\n", tensor.name, shapeText(tensor.shape),
                                from, dtypeTraits(tensor.to).name));
    }
}

std::string typesText(const QuantizeReport& report) {
    std::map<std::string_view, int> counts;
    for (const QuantizedTensor& tensor : report.tensors) ++counts[dtypeTraits(tensor.to).name];
    std::string text;
    for (const auto& [type, count] : counts)
        text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, type);
    return text;
}

void printText(const QuantizeReport& report, const QuantizeCommandOptions& options,
               const std::optional<Speed>& speed) {
    if (!speed) printTensors(report);
    print(fmt::format("{}: {}, {:.2f} bits per weight, tensors: {}\n",
                      speed ? options.target : "It would be", bytesText(report.fileBytes),
                      report.bitsPerWeight, typesText(report)));
    if (report.spent)
        print(fmt::format(
            "{:.2f} % of the target's {}; measured on samples: the expected error "
            "is known to {:.1f} %\n",
            100.0 * double(report.fileBytes) / double(report.spent->budgetBytes),
            bytesText(report.spent->budgetBytes),
            report.spent->loss > 0 ? 100.0 * report.spent->samplingError / report.spent->loss
                                   : 0.0));
    if (speed)
        print(fmt::format(
            "{:.1f} s ({:.1f} s of them for the source's hash), {:.3f} GB of the source "
            "per second\n",
            speed->seconds, speed->hashingSeconds, speed->gigabytesPerSecond()));
}

}  // namespace

int runQuantize(const CommonOptions& common, const QuantizeCommandOptions& options) {
    Result<QuantizeOptions> read = quantizeOptions(common, options);
    if (!read) return printError(read.error(), common.isJson);
    QuantizeOptions wanted = std::move(*read);
    std::optional<Speed> speed;
    Result<QuantizeReport> report;
    if (options.memoryGib > 0) {
        const auto bytes = fileBytesForMemory(
            wanted, common.load(), {}, static_cast<std::uint64_t>(options.memoryGib * kGibibyte));
        if (!bytes) return printError(bytes.error(), common.isJson);
        wanted.budget.fileBytes = *bytes;
        wanted.budget.isForMemory = true;
    }
    PhaseBars bars;
    const auto update = [&](const QuantizeProgress& progress) { return bars.update(progress); };
    if (options.isDryRun) {
        report = planQuantization(wanted, update);
    } else {
        report = quantizeModel(wanted, update);
        if (report) speed = Speed{bars.seconds(), bars.hashingSeconds(), report->sourceBytes};
    }
    if (!report) return printError(report.error(), common.isJson);
    for (const std::string& warning : report->warnings) printWarning(warning);
    if (common.isJson) {
        printJson(toJson(*report, speed));
    } else {
        printText(*report, options, speed);
    }
    return finishOutput();
}

}  // namespace sotto::cli
