// The cases of chat_window_bench: each opens the real window on a scripted engine and measures what
// one thing that people do costs the GUI thread.
//
// A case that cannot prepare its ground ends the program. GUI thread only, one case per process.
#pragma once

#include <QString>
#include <optional>
#include <vector>

#include "tests/app/window/test_window.h"
#include "tests/app/window/timed_application.h"
#include "tests/fakes/fake_engine.h"

namespace sotto::app {

struct BenchFigure {
    QString name;
    double value = 0;
    QString unit;
    std::optional<double> most = {};  // what is asked of it, in the same unit
};

struct BenchCase {
    const char* name;
    const char* what;
    std::vector<BenchFigure> (*run)(TimedApplication& application);
};

// Opening, pasting, typing, choosing and searching; and answers that are being written.
std::vector<BenchCase> readingCases();
std::vector<BenchCase> streamingCases();

// --- shared by both files of cases ---------------------------------------------------------------

// Until nothing was worked on for a while, at most 20 s.
void waitUntilQuiet(const TimedApplication& application);
// A chat with the id 1 and these messages, a question and an answer in turn.
void storeConversation(TestProgram& program, const std::vector<std::string>& messages);
std::vector<BenchFigure> costs(const EventTimes& times, std::optional<double> mostInAll,
                               std::optional<double> mostAtOnce);
// An engine that loads at once and writes only what it is told to; `made` is set to it.
decltype(AppCoreOptions::makeEngine) drivenEngine(FakeEngine*& made);

}  // namespace sotto::app
