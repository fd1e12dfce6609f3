// QuantizeJobs: quantizing as a job that a restart begins again: what a killed program left of it
// is removed, and the new file is there whole or not at all. It can stand still: then it keeps what
// it has, and the processor is free for other jobs.
//
// Place: made once beside the JobRunner, before the runner restores what the last run left. The
// window starts jobs here and is told what became of them, of those of the last run, too. Borrows
// the runner; its jobs may outlive this. Threads: any, one after the other; the listener is called
// on the thread that ends a job and must be short.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

#include "app/core/job_runner.h"
#include "engine/api/quantize.h"

namespace sotto::app {

struct QuantizeOrder {
    std::filesystem::path source;
    std::filesystem::path target;
    std::filesystem::path importance;  // an importance matrix; empty: none
    std::string type;                  // "Q4_K_M"; empty with a budget
    std::string name;                  // of the model, as the list of jobs calls it
    QuantizeBudget budget;             // a target instead of the type
    // A text that an importance matrix is measured on first, where `importance` is empty: it is
    // kept beside the new file (measuredImportance()) and taken from there the next time, where it
    // was measured on the same. With a budget, with what an error in each matrix costs. Empty:
    // none.
    std::filesystem::path measuredText;
    ModelMethod method = ModelMethod::Search;
    std::filesystem::path calibration;  // a text, which Gptq reads

    bool isMeasuredFirst() const { return importance.empty() && !measuredText.empty(); }
    bool operator==(const QuantizeOrder&) const = default;
};

// As the list of jobs calls the format: "Q4_K_M"; of a target "4.5 bpw" or "4.36 GB".
std::string formatName(const QuantizeOrder& order);

// Without the text of `order.calibration`, which the job reads.
QuantizeOptions optionsOf(const QuantizeOrder& order);
// Where the importance matrix of `order.measuredText` is kept: "<source>.imatrix.gguf", which no
// list takes for a model. `number`: of several that were measured otherwise, from 1 on; a later one
// is "<source>-2.imatrix.gguf".
std::filesystem::path measuredImportance(const QuantizeOrder& order, int number = 1);

struct QuantizeOutcome {
    QuantizeOrder order;
    Result<QuantizeReport> report;
};
using QuantizeListener = std::function<void(const QuantizeOutcome&)>;

// Does it soon, on another thread.
using LaterWork = std::function<void(std::function<void()>)>;

class QuantizeJobs {
public:
    // `later`: what a job that is given up leaves (a thread that stands still, the half of a file)
    // goes there, so that whoever cancels it, the window, waits for no disk; a seam for tests.
    // Empty: the runner's worker for short jobs of the disk. All of it is done when the runner is
    // gone.
    explicit QuantizeJobs(JobRunner& runner, LaterWork later = {});
    QuantizeJobs(const QuantizeJobs&) = delete;
    QuantizeJobs& operator=(const QuantizeJobs&) = delete;

    // Of one that is cancelled while it stands still, the end is told before the half of its file
    // is gone. Errors of the job: those of quantizeModel(), and InvalidArgument where a file of
    // that name is there already. A full disk stops it until a person has made room.
    Result<JobId> start(const QuantizeOrder& order);

    // From now on told of each end; empty: nobody. Setting it waits for a call that is under way.
    void setListener(QuantizeListener listener);

private:
    struct Shared;

    JobRunner& m_runner;
    std::shared_ptr<Shared> m_shared;  // with the jobs
};

}  // namespace sotto::app
