// LiveComparison: one question to two or three models, which take turns on the device.
//
// Place: between the Compare page (app/compare) and the EngineHub. Each column's model is loaded,
// writes its answer and goes, then the next is loaded; what a column is measured at is its own time
// alone. The chat's model gives way as to any other load. The first column is the reference.
// Threads: one thread uses it. `wake` is called on any thread, maybe from within a call, when
// advance() is to be called on that one: it must be short and must not call this.
// The hub must outlive it; destroying it ends the run and gives the engine back.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/core/compare/answer_difference.h"
#include "app/core/engine_hub.h"

namespace sotto::app {

inline constexpr std::size_t kMostCompared = 3;

struct ComparisonOrder {
    std::string prompt;
    std::vector<LoadOptions> columns;  // 2 .. kMostCompared
    SamplingSettings sampling;         // of all; alternatives are asked for by the comparison
    std::int64_t maxTokens = 512;      // of each answer
};

enum class ColumnState : std::uint8_t {
    Waiting,
    Loading,
    Reading,  // the prompt
    Writing,
    Done,
    Stopped,  // by a person; what was written stays
    Failed,   // does not fit, gone, damaged; what was written stays
};
constexpr bool isOver(ColumnState state) { return state >= ColumnState::Done; }

struct ComparedColumn {
    LoadOptions load;
    ColumnState state = ColumnState::Waiting;
    double progress = 0;            // Loading, Reading: 0..1
    std::optional<ModelInfo> info;  // once it was loaded
    WrittenAnswer answer;
    std::optional<StopReason> end;
    RequestStats stats;           // while it writes, as of now
    double readBandwidthGbS = 0;  // measured, of the device that it lay on; 0: not known
    double joulesPerToken = 0;    // 0: the device does not tell its power
    std::optional<Error> error;
};

// Tokens per second that the memory's bandwidth allows, with what one step reads; 0: not known.
double speedLimit(const ComparedColumn& column);
// GB/s that were read while it wrote; 0: not measured.
double readSpeedGbS(const ComparedColumn& column);
AnswerDifference differenceOf(const ComparedColumn& reference, const ComparedColumn& compared);

class LiveComparison {
public:
    LiveComparison(EngineHub& hub, std::function<void()> wake);
    ~LiveComparison();
    LiveComparison(const LiveComparison&) = delete;
    LiveComparison& operator=(const LiveComparison&) = delete;

    // Begins with the first column; what stood here goes. Errors: InvalidArgument (no prompt, too
    // few or too many columns, no engine), Busy (this runs already, or another user of the engine
    // does not give way): nothing has changed then. What is wrong with one column is that column's.
    Status start(ComparisonOrder order);
    void stop();                          // all
    void stopColumn(std::size_t column);  // and go on with the next

    // Takes what was told since, and begins what comes next. True: something has changed.
    bool advance();

    bool isRunning() const { return m_isRunning; }
    const ComparisonOrder& order() const { return m_order; }
    const std::vector<ComparedColumn>& columns() const { return m_columns; }

private:
    class Mailbox;
    struct Told;
    ComparedColumn& current() { return m_columns[m_current]; }
    Status beginColumn();
    void goOn();
    void endColumn(ColumnState state);
    void take(const Told& told);
    void take(const ModelEvent& event);
    void take(const EngineEvent& event);
    void ask();
    void addText(const AnswerText& text);
    void measure();

    EngineHub& m_hub;
    std::shared_ptr<Mailbox> m_mailbox;  // shared with the hub's calls, which may outlast this
    ComparisonOrder m_order;
    std::vector<ComparedColumn> m_columns;
    bool m_isRunning = false;
    std::size_t m_current = 0;
    std::uint64_t m_turn = 0;  // of the column that has the engine: news of others end here
    ModelHandle m_handle;
    std::optional<RequestId> m_request;
    bool m_isStopWanted = false;  // of that column: a load may have ended before it could be told
    TextKind m_lastKind = TextKind::Answer;
    double m_sumOfWatts = 0;
    int m_nWatts = 0;
};

}  // namespace sotto::app
