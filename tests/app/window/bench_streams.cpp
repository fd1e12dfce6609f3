#include <QTemporaryDir>
#include <QtTest>
#include <chrono>
#include <functional>
#include <thread>

#include "tests/app/window/bench_cases.h"
#include "tests/app/window/bench_texts.h"

namespace sotto::app {
namespace {

constexpr double kMostAtOnceMs = 8;
constexpr std::size_t kTokenBytes = 4;
constexpr auto kTokenTime = std::chrono::milliseconds(4);  // 250 tokens/s

using Figures = std::vector<BenchFigure>;

// An answer in work, and how much of its text the engine has written.
class WrittenAnswer {
public:
    WrittenAnswer(TimedApplication& application, std::string text, TextKind kind)
        : m_application(application),
          m_text(std::move(text)),
          m_kind(kind),
          m_program(m_home.path(), drivenEngine(m_engine)) {
        m_program.waitForModel();
        m_program.window().resize(1440, 900);
        chat().send(QStringLiteral("Go on."));
        if (!QTest::qWaitFor([this] { return !m_engine->requests().empty(); }, 20'000))
            qFatal("the question never reached the engine");
        waitUntilQuiet(m_application);
    }

    std::size_t nBytes() const { return m_text.size(); }

    // Up to there without measuring, and waits until it is on screen.
    void skipTo(std::size_t nBytes) {
        constexpr std::size_t kPieceBytes = 2000;
        while (m_nWritten < nBytes) writeNext(std::min(kPieceBytes, nBytes - m_nWritten));
        const auto isShown = [this] { return shown() == m_nWritten; };
        if (!QTest::qWaitFor(isShown, 600'000)) qFatal("the answer is not on screen");
        waitUntilQuiet(m_application);
    }

    // What is hidden costs nothing.
    void openThinking() {
        if (!open(*m_program.window().contentItem())) qFatal("no thinking is shown");
    }

    // Token by token at the pace of a fast model, from a thread of its own, as the engine's.
    EventTimes stream(int nTokens) {
        std::atomic<bool> isOver = false;
        m_application.begin();
        std::thread writer([&] {
            auto next = std::chrono::steady_clock::now();
            for (int token = 0; token < nTokens && m_nWritten < m_text.size(); ++token) {
                writeNext(std::min(kTokenBytes, m_text.size() - m_nWritten));
                next += kTokenTime;
                std::this_thread::sleep_until(next);
            }
            isOver = true;
        });
        while (!isOver) QTest::qWait(20);
        writer.join();
        if (!QTest::qWaitFor([this] { return shown() == m_nWritten; }, 600'000))
            qFatal("the answer is not on screen");
        return m_application.end();
    }

    EventTimes finish() {
        m_application.begin();
        m_engine->finish();
        if (!QTest::qWaitFor([this] { return !chat().isBusy(); }, 600'000))
            qFatal("the answer never ends");
        waitUntilQuiet(m_application);
        return m_application.end();
    }

private:
    static bool open(QQuickItem& item) {
        if (QLatin1String(item.metaObject()->className())
                .startsWith(QLatin1String("ThinkingBlock_")))
            return item.setProperty("isOpen", true);
        const QList<QQuickItem*> children = item.childItems();
        return std::any_of(children.begin(), children.end(),
                           [](QQuickItem* child) { return open(*child); });
    }

    ChatController& chat() { return *m_program.facade().chat(); }

    std::size_t shown() {
        MessageListModel& messages = *chat().messages();
        if (messages.rowCount() < 2) return 0;
        const QModelIndex answer = messages.index(1);
        const int role = m_kind == TextKind::Thinking ? MessageListModel::ThinkingTextRole
                                                      : MessageListModel::PlainTextRole;
        return static_cast<std::size_t>(messages.data(answer, role).toString().size());
    }

    void writeNext(std::size_t nBytes) {
        m_engine->write(m_text.substr(m_nWritten, nBytes), m_kind);
        m_nWritten += nBytes;
    }

    TimedApplication& m_application;
    std::string m_text;
    TextKind m_kind;
    std::size_t m_nWritten = 0;  // of the writer's thread while one runs
    QTemporaryDir m_home;
    FakeEngine* m_engine = nullptr;
    TestProgram m_program;
};

// What a token costs while the answer is short, half and whole.
Figures streamParts(TimedApplication& application, const std::string& text,
                    TextKind kind = TextKind::Answer) {
    constexpr int kTokens = 500;
    constexpr std::size_t kPart = kTokens * kTokenBytes;
    WrittenAnswer answer(application, text, kind);
    Figures figures;
    for (const int percent : {10, 50, 100}) {
        const std::size_t end = answer.nBytes() * static_cast<std::size_t>(percent) / 100;
        answer.skipTo(end > kPart ? end - kPart : 0);
        if (kind == TextKind::Thinking) answer.openThinking();
        const EventTimes times = answer.stream(kTokens);
        const QString at = QStringLiteral("at %1 %: ").arg(percent);
        figures.push_back({at + "longest event", times.longest(), "ms", kMostAtOnceMs});
        figures.push_back({at + "GUI thread per token", times.sum() / kTokens, "ms"});
        figures.push_back({at + "share of a core", 100 * times.sum() / times.wallMs, "%"});
    }
    figures.push_back({"its end: longest event", answer.finish().longest(), "ms"});
    return figures;
}

// A short answer as a whole, from its first token to its last.
Figures streamWhole(TimedApplication& application) {
    std::string text;
    for (int word = 0; word < 1500; ++word) {
        text += word % 40 == 39 ? "end\n\n" : "word ";
        if (word % 300 == 299) text += "```python\nfor x in range(10):\n    print(x)\n```\n\n";
    }
    WrittenAnswer answer(application, text, TextKind::Answer);
    const EventTimes times = answer.stream(static_cast<int>(text.size() / kTokenBytes));
    return {{"longest event", times.longest(), "ms", kMostAtOnceMs},
            {"99 % of the events under", times.quantile(0.99), "ms"},
            {"share of a core", 100 * times.sum() / times.wallMs, "%"},
            {"its end: longest event", answer.finish().longest(), "ms"}};
}

}  // namespace

std::vector<BenchCase> streamingCases() {
    return {
        {"stream", "an answer of 8 KB comes at 250 tokens/s", streamWhole},
        {"stream-paragraph-20k", "one paragraph of 20 KB comes at 250 tokens/s",
         [](TimedApplication& it) { return streamParts(it, words(20'000)); }},
        {"stream-mixed-100k", "100 KB of code, tables and formulas come at 250 tokens/s",
         [](TimedApplication& it) { return streamParts(it, mixedAnswer(100'000)); }},
        {"stream-code-48k", "a code block of 48 KB that stays open comes at 250 tokens/s",
         [](TimedApplication& it) { return streamParts(it, codeOfSize(48'000)); }},
        {"stream-thinking-48k", "48 KB of open thinking come at 250 tokens/s",
         [](TimedApplication& it) {
             return streamParts(it, paragraphs(48'000), TextKind::Thinking);
         }},
    };
}

}  // namespace sotto::app
