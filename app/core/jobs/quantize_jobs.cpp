#include "app/core/jobs/quantize_jobs.h"

#include <fmt/format.h>

#include <mutex>
#include <system_error>
#include <utility>

#include "app/core/json_entries.h"
#include "base/abandoned_files.h"

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

std::string orderJson(const QuantizeOrder& order) {
    return nlohmann::json{{"source", order.source.string()},
                          {"target", order.target.string()},
                          {"importance", order.importance.string()},
                          {"type", order.type},
                          {"name", order.name}}
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
    }
    if (order.source.empty() || order.target.empty() || order.type.empty())
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

Result<QuantizeReport> quantize(const QuantizeOrder& order, JobContext& context) {
    removeAbandonedFiles(order.target);
    SOTTO_TRY(checkFree(order.target));
    auto report = quantizeModel(optionsOf(order), [&context](const QuantizeProgress& progress) {
        // The source is hashed much faster than it is quantized: that is not progress yet.
        const bool isQuantizing = progress.phase == QuantizeProgress::Phase::Quantizing;
        context.setProgress(
            {isQuantizing ? progress.doneBytes : 0, progress.totalBytes, JobUnit::Bytes});
        return !context.isCancelled();
    });
    if (!report) context.setProgress({});  // nothing of it is kept
    if (!report && report.error().code == ErrorCode::DiskFull)
        return context.needYou(report.error());
    return report;
}

}  // namespace

QuantizeOptions optionsOf(const QuantizeOrder& order) {
    QuantizeOptions options;
    options.source = order.source;
    options.target = order.target;
    options.type = order.type;
    options.importance = order.importance;
    return options;
}

QuantizeJobs::QuantizeJobs(JobRunner& runner)
    : m_runner(runner), m_shared(std::make_shared<Shared>()) {
    runner.registerKind(
        kQuantizeKind, [shared = m_shared](const std::string& parameters) -> Result<JobPlan> {
            SOTTO_ASSIGN(const QuantizeOrder order, orderOf(parameters));
            JobSpec spec;
            spec.lane = JobLane::Processor;
            spec.kind = kQuantizeKind;
            spec.subject = order.name;
            spec.formats = {order.type};
            spec.isShown = true;
            return JobRunner::planOf(
                std::move(spec), [order](JobContext& context) { return quantize(order, context); },
                [order, shared](Result<QuantizeReport> report) {
                    // Of one that is given up before it has begun again.
                    if (!report) removeAbandonedFiles(order.target);
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
