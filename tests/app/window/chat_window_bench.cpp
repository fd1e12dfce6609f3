// chat_window_bench: what the real window costs the GUI thread with a long chat, on a scripted
// engine.
//
//     QT_QPA_PLATFORM=offscreen QT_QUICK_BACKEND=software chat_window_bench [MESSAGES]
//
// Opening: from the click to the last event of the opened chat (targets: under 300 ms for 400
// messages). Streaming: the longest time that one event keeps the GUI thread while an answer is
// written (target: under 16 ms). Everything in the GUI thread counts, the software renderer too,
// which a GPU would take away.
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cstdio>

#include "tests/app/window/test_window.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

// Times every event at the outermost level.
class TimedApplication : public QGuiApplication {
public:
    using QGuiApplication::QGuiApplication;

    bool notify(QObject* receiver, QEvent* event) override {
        if (m_depth > 0 || !m_isTiming) return QGuiApplication::notify(receiver, event);
        ++m_depth;
        QElapsedTimer timer;
        timer.start();
        const bool result = QGuiApplication::notify(receiver, event);
        m_events.push_back(static_cast<double>(timer.nsecsElapsed()) / 1e6);
        --m_depth;
        return result;
    }

    void begin() {
        m_events.clear();
        m_isTiming = true;
    }
    std::vector<double> end() {
        m_isTiming = false;
        std::sort(m_events.begin(), m_events.end());
        return m_events;
    }

private:
    std::vector<double> m_events;
    int m_depth = 0;
    bool m_isTiming = false;
};

FakeScript streamScript() {
    FakeScript script;
    script.tokenDelay = std::chrono::milliseconds(4);  // 250 tokens/s
    script.answer = [](const GenerationRequest&, int) {
        std::vector<FakeToken> tokens;
        for (int word = 0; word < 1500; ++word) {
            tokens.push_back({word % 40 == 39 ? "end.\n\n" : "word ", {}});
            if (word % 300 == 299)
                tokens.push_back({"```python\nfor x in range(10):\n    print(x)\n```\n\n", {}});
        }
        return tokens;
    };
    return script;
}

void fillChat(storage::Storage& storage, int nMessages) {
    const auto filled = storage.call([nMessages](storage::Database& database) -> Status {
        auto chat = database.chats().create({1, 0, "Long chat", {}, "{}"});
        if (!chat) return fail(chat.error());
        storage::MessageId parent = 0;
        for (int index = 0; index < nMessages; ++index) {
            storage::NewMessage row;
            row.chatId = 1;
            row.parentId = parent;
            row.role =
                index % 2 == 0 ? storage::MessageRole::User : storage::MessageRole::Assistant;
            row.content =
                index % 2 == 0
                    ? "What about number " + std::to_string(index) + "?"
                    : "A **bold** answer with `code`.\n\n- one\n- two\n\n```cpp\nint x = " +
                          std::to_string(index) + ";\n```\n\nAnd a last paragraph of some length.";
            auto added = database.messages().add(row);
            if (!added) return fail(added.error());
            parent = added->id;
        }
        return {};
    });
    if (!filled) qFatal("%s", filled.error().message.c_str());
}

double sum(const std::vector<double>& values) {
    double total = 0;
    for (const double value : values) total += value;
    return total;
}

double share(const std::vector<double>& sorted, double quantile) {
    return sorted.empty() ? 0
                          : sorted[static_cast<std::size_t>(
                                quantile * static_cast<double>(sorted.size() - 1))];
}

}  // namespace

int main(int argc, char* argv[]) {
    TimedApplication application(argc, argv);
    const int nMessages =
        application.arguments().size() > 1 ? application.arguments()[1].toInt() : 400;
    prepareTestWindows();
    QTemporaryDir home;
    TestProgram program(
        home.path(), [](const EngineOptions&, EventSink sink) -> Result<std::unique_ptr<Engine>> {
            return std::make_unique<FakeEngine>(std::move(sink), streamScript());
        });
    fillChat(program.core().storage(), nMessages);
    program.waitForModel();
    program.facade().chats()->refresh();
    QTest::qWait(500);

    application.begin();
    program.facade().chats()->open(1);
    while (program.facade().chat()->messages()->rowCount() < nMessages)
        QCoreApplication::processEvents();
    QTest::qWait(400);
    const std::vector<double> opening = application.end();
    std::printf("open %d messages: %.1f ms of GUI thread, longest event %.1f ms\n", nMessages,
                sum(opening), opening.empty() ? 0 : opening.back());

    application.begin();
    program.facade().chat()->send(QStringLiteral("go on"));
    QElapsedTimer timer;
    timer.start();
    QTest::qWait(200);
    while (program.facade().chat()->isBusy() && timer.elapsed() < 30'000) QTest::qWait(50);
    const std::vector<double> streaming = application.end();
    std::printf(
        "stream 1500 tokens at 250/s: %zu events, p99 %.1f ms, longest %.1f ms, busy %.0f %% of "
        "%.1f s\n",
        streaming.size(), share(streaming, 0.99), streaming.empty() ? 0 : streaming.back(),
        100 * sum(streaming) / static_cast<double>(timer.elapsed()),
        static_cast<double>(timer.elapsed()) / 1000);
    return 0;
}
