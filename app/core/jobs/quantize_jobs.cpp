#include "app/core/jobs/quantize_jobs.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "app/core/json_entries.h"
#include "base/abandoned_files.h"
#include "base/guarded.h"
#include "base/mapped_file.h"
#include "engine/api/imatrix.h"
#include "engine/api/inspect.h"

namespace sotto::app {

struct QuantizeJobs::Shared {
    std::mutex mutex;
    QuantizeListener listener;  // guarded by mutex

    void tell(const QuantizeOutcome& outcome) {
        const std::lock_guard lock(mutex);
        if (listener) listener(outcome);
    }
};

namespace {

constexpr const char* kQuantizeKind = "quantize";
// Of 512 tokens each, of either text: twice as many as the rows of the widest matrices are.
constexpr std::int64_t kReadChunks = 64;

Result<std::string> readText(const std::filesystem::path& path) {
    SOTTO_ASSIGN(const MappedFile file, MappedFile::open(path));
    std::string text(reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size());
    if (file.isLost())
        return fail(
            ErrorCode::FileUnreadable,
            fmt::format("{} can no longer be read: check its drive", path.filename().string()),
            path.string());
    return text;
}

std::string orderJson(const QuantizeOrder& order) {
    return nlohmann::json{{"source", order.source.string()},
                          {"target", order.target.string()},
                          {"importance", order.importance.string()},
                          {"type", order.type},
                          {"name", order.name},
                          {"bits", order.budget.bitsPerWeight},
                          {"bytes", order.budget.fileBytes},
                          {"memory", order.budget.isForMemory ? 1 : 0},
                          {"text", order.measuredText.string()},
                          {"method", methodName(order.method)},
                          {"calibration", order.calibration.string()}}
        .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

Result<QuantizeOrder> orderOf(const std::string& text) {
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    QuantizeOrder order;
    if (json.is_object()) {
        order.source = textField(json, "source");
        order.target = textField(json, "target");
        order.importance = textField(json, "importance");
        order.type = textField(json, "type");
        order.name = textField(json, "name");
        order.measuredText = textField(json, "text");
        // Of an earlier version: none is said, which was the search.
        order.method = methodFromName(textField(json, "method")).value_or(ModelMethod::Search);
        order.calibration = textField(json, "calibration");
        order.budget.bitsPerWeight = std::max(0.0, numberField(json, "bits"));
        order.budget.isForMemory = numberField(json, "memory") > 0;
        // Below 2^53: exact.
        order.budget.fileBytes =
            static_cast<std::uint64_t>(std::clamp(numberField(json, "bytes"), 0.0, 0x1p53));
    }
    const bool isAsked = !order.type.empty() || order.budget.isThere();
    if (order.source.empty() || order.target.empty() || !isAsked)
        return fail(ErrorCode::InvalidArgument, "It does not say what is to be quantized.");
    return order;
}

// Nothing that a person has is replaced.
Status checkFree(const std::filesystem::path& target) {
    std::error_code error;
    if (!std::filesystem::exists(std::filesystem::symlink_status(target, error))) return {};
    return fail(ErrorCode::InvalidArgument,
                fmt::format("There is a file {} already: choose another name, or remove it first.",
                            target.filename().string()),
                target.string());
}

// Where what is wanted lies already, else a name that is free: another model of the same name may
// have been quantized into this folder, or this one without what an error costs.
std::filesystem::path placeOfImportance(const QuantizeOrder& order, const LoadOptions& load,
                                        const std::string& text, ImatrixOptions options) {
    for (int number = 1;; ++number) {
        options.output = measuredImportance(order, number);
        std::error_code unknown;
        if (!std::filesystem::exists(options.output, unknown) || isMeasured(load, text, options))
            return options.output;
    }
}

JobProgress jobProgressOf(const QuantizeProgress& progress) {
    switch (progress.phase) {
        case QuantizeProgress::Phase::Measuring:
            return {progress.doneBytes, progress.totalBytes, JobUnit::Samples};
        case QuantizeProgress::Phase::Calibrating:
            return {progress.doneBytes, progress.totalBytes, JobUnit::ReadTokens};
        case QuantizeProgress::Phase::Quantizing:
            return {progress.doneBytes, progress.totalBytes, JobUnit::Bytes};
        // The source is hashed much faster than it is quantized: that is not progress yet.
        case QuantizeProgress::Phase::Hashing: break;
    }
    return {0, progress.totalBytes, JobUnit::Bytes};
}

// An importance matrix of a text, unless it was measured before.
Result<std::filesystem::path> measureFirst(const QuantizeOrder& order,
                                           const ProgressSink& progress) {
    ImatrixOptions options;
    options.dataset = order.measuredText.filename().string();
    options.maxChunks = kReadChunks;
    options.hasSensitivity = order.budget.isThere();
    options.inputs = {order.measuredText};
    SOTTO_ASSIGN(const std::string text, readText(order.measuredText));
    LoadOptions load;
    load.path = order.source;
    SOTTO_ASSIGN(const ModelInfo model, inspectModel(load));
    if (model.trainedContext > 0)
        options.contextTokens = std::min(options.contextTokens, model.trainedContext);
    options.output = placeOfImportance(order, load, text, options);
    if (std::error_code unknown; !std::filesystem::exists(options.output, unknown))
        SOTTO_TRY(measureImatrix({}, load, text, options, progress));
    return options.output;
}

// One quantization on a thread of its own, which waits where the job stands still: the half of the
// new file and the memory of the work stay, and the job's worker goes to other jobs.
// Threads: run() and the destructor on the job's; m_thread's own work in hold() and work().
class HeldQuantization {
public:
    explicit HeldQuantization(QuantizeOrder order) : m_order(std::move(order)) {}
    HeldQuantization(const HeldQuantization&) = delete;
    HeldQuantization& operator=(const HeldQuantization&) = delete;
    ~HeldQuantization() {
        {
            const std::lock_guard lock(m_mutex);
            m_isCancelled = true;
        }
        m_changed.notify_all();
        if (m_thread.joinable()) m_thread.join();
    }

    bool isThreadThere() const { return m_thread.joinable(); }

    // Begins, or goes on from where it stood still, until it is over or stands still again.
    Result<QuantizeReport> run(JobContext& context) {
        std::unique_lock lock(m_mutex);
        m_context = &context;
        if (!m_thread.joinable()) {
            m_report.reset();
            m_thread = std::thread([this] { work(); });
        }
        m_changed.notify_all();
        m_changed.wait(lock, [this] { return m_report.has_value() || m_context == nullptr; });
        if (!m_report) return context.pause();
        m_context = nullptr;
        lock.unlock();
        m_thread.join();
        Result<QuantizeReport> report = std::move(*m_report);
        if (!report) context.setProgress({});  // nothing of it is kept
        if (report) context.setProgress({report->fileBytes, report->fileBytes, JobUnit::Bytes});
        if (!report && report.error().code == ErrorCode::DiskFull)
            return context.needYou(report.error());
        return report;
    }

private:
    void work() {
        auto report = guarded([this] { return quantize(); });
        const std::lock_guard lock(m_mutex);
        m_report = std::move(report);
        m_changed.notify_all();
    }

    Result<QuantizeReport> quantize() {
        removeAbandonedFiles(m_order.target);
        SOTTO_TRY(checkFree(m_order.target));
        QuantizeOptions options = optionsOf(m_order);
        if (m_order.isMeasuredFirst()) {
            SOTTO_ASSIGN(options.importance,
                         measureFirst(m_order, [this](std::int64_t done, std::int64_t total) {
                             return hold({static_cast<std::uint64_t>(done),
                                          static_cast<std::uint64_t>(total), JobUnit::Tokens});
                         }));
        }
        if (m_order.method == ModelMethod::Gptq) {
            SOTTO_ASSIGN(options.calibration.text, readText(m_order.calibration));
        }
        return quantizeModel(options, [this](const QuantizeProgress& progress) {
            return hold(jobProgressOf(progress));
        });
    }

    // Waits while the job stands still. False: it is given up.
    bool hold(const JobProgress& progress) {
        std::unique_lock lock(m_mutex);
        if (m_context != nullptr) {
            m_context->setProgress(progress);
            m_isCancelled = m_isCancelled || m_context->isCancelled();
            if (!m_isCancelled && m_context->isPausing()) {
                m_context = nullptr;
                m_changed.notify_all();
            }
        }
        m_changed.wait(lock, [this] { return m_context != nullptr || m_isCancelled; });
        return !m_isCancelled;
    }

    const QuantizeOrder m_order;
    std::mutex m_mutex;
    std::condition_variable m_changed;
    JobContext* m_context = nullptr;                 // guarded by m_mutex; null: it stands still
    bool m_isCancelled = false;                      // guarded by m_mutex
    std::optional<Result<QuantizeReport>> m_report;  // guarded by m_mutex; of the thread's end
    std::thread m_thread;
};

void doLater(JobRunner& runner, std::function<void()> work) {
    JobSpec spec;
    spec.lane = JobLane::Disk;
    spec.kind = "clean up";
    spec.isShort = true;
    runner.start(
        spec,
        [work](JobContext&) -> Result<bool> {
            work();
            return true;
        },
        [work](const Result<bool>& isDone) {
            if (!isDone) work();  // the program ends
        });
}

}  // namespace

std::string formatName(const QuantizeOrder& order) {
    if (!order.type.empty()) return order.type;
    if (order.budget.bitsPerWeight > 0) return fmt::format("{:g} bpw", order.budget.bitsPerWeight);
    return fmt::format("{:.2f} GB", static_cast<double>(order.budget.fileBytes) / 1e9);
}

QuantizeOptions optionsOf(const QuantizeOrder& order) {
    QuantizeOptions options;
    options.source = order.source;
    options.target = order.target;
    options.type = order.type;
    options.importance = order.importance;
    options.budget = order.budget;
    options.method = order.method;
    if (order.method == ModelMethod::Gptq) {
        options.calibration.file = order.calibration;
        options.calibration.name = order.calibration.filename().string();
        options.calibration.maxChunks = kReadChunks;
    }
    options.isNew = true;  // hours may pass until it is whole
    return options;
}

std::filesystem::path measuredImportance(const QuantizeOrder& order, int number) {
    std::string name = order.source.filename().string();
    if (name.ends_with(".gguf")) name.resize(name.size() - 5);
    if (number > 1) name += fmt::format("-{}", number);
    return order.target.parent_path() / (name + ".imatrix.gguf");
}

QuantizeJobs::QuantizeJobs(JobRunner& runner, LaterWork later)
    : m_runner(runner), m_shared(std::make_shared<Shared>()) {
    if (!later) later = [&runner](std::function<void()> work) { doLater(runner, std::move(work)); };
    runner.registerKind(
        kQuantizeKind,
        [shared = m_shared, later](const std::string& parameters) -> Result<JobPlan> {
            SOTTO_ASSIGN(const QuantizeOrder order, orderOf(parameters));
            JobSpec spec;
            spec.lane = JobLane::Processor;
            spec.kind = kQuantizeKind;
            spec.subject = order.name;
            spec.formats = {formatName(order)};
            spec.source = order.source.string();
            spec.made = order.target.string();
            for (const auto* file :
                 {&order.source, &order.importance, &order.measuredText, &order.calibration})
                if (!file->empty()) spec.reads.push_back(file->string());
            spec.isShown = spec.canPause = spec.isBegunAnew = true;
            // Shared: the plan's functions must be copyable. It goes with the work.
            const std::shared_ptr<HeldQuantization> held(
                new HeldQuantization(order), [later](HeldQuantization* gone) {
                    const auto owned = std::make_shared<std::unique_ptr<HeldQuantization>>(gone);
                    if (gone->isThreadThere()) later([owned] { owned->reset(); });
                });
            return JobRunner::planOf(
                std::move(spec), [held](JobContext& context) { return held->run(context); },
                [order, shared, later](Result<QuantizeReport> report) {
                    // Of one that is given up before it has begun again.
                    if (!report) later([target = order.target] { removeAbandonedFiles(target); });
                    shared->tell({order, std::move(report)});
                });
        });
}

Result<JobId> QuantizeJobs::start(const QuantizeOrder& order) {
    return m_runner.startKind(kQuantizeKind, orderJson(order));
}

void QuantizeJobs::setListener(QuantizeListener listener) {
    const std::lock_guard lock(m_shared->mutex);
    m_shared->listener = std::move(listener);
}

}  // namespace sotto::app
