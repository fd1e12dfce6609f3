#include "tests/app/window/bench_cases.h"

#include <QClipboard>
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QWheelEvent>
#include <QtTest>
#include <atomic>
#include <filesystem>

#include "tests/app/window/bench_texts.h"

namespace sotto::app {
namespace {

constexpr qint64 kChat = 1;
constexpr double kMostToOpenMs = 300;
constexpr double kMostAtOnceMs = 16;
constexpr int kPatienceMs = 600'000;

using Figures = std::vector<BenchFigure>;

template <typename Condition>
void await(const char* what, Condition condition) {
    if (!QTest::qWaitFor(condition, kPatienceMs)) qFatal("never seen: %s", what);
}

// A home with a program in it, whose model is loaded and whose list shows what was stored.
struct Stage {
    explicit Stage(const TestMachine& machine = {})
        : program(home.path(), drivenEngine(engine), machine) {
        program.waitForModel();
        // The window's first size may be larger than what a test can see of it.
        program.window().resize(1440, 900);
    }

    QTemporaryDir home;
    FakeEngine* engine = nullptr;
    TestProgram program;
};

// Turns of a mouse wheel over the middle of the page, upwards: what is drawn only when it comes
// into sight is paid for here.
EventTimes scrollUp(TimedApplication& application, QWindow& window, int nTurns) {
    const QPointF middle(window.width() / 2.0, window.height() / 2.0);
    application.begin();
    for (int turn = 0; turn < nTurns; ++turn) {
        QWheelEvent event(middle, window.mapToGlobal(middle), {}, {0, 480}, Qt::NoButton,
                          Qt::NoModifier, Qt::NoScrollPhase, false);
        QCoreApplication::sendEvent(&window, &event);
        QTest::qWait(30);
    }
    return application.end();
}

Figures openConversation(TimedApplication& application, const std::vector<std::string>& messages) {
    Stage stage;
    storeConversation(stage.program, messages);
    waitUntilQuiet(application);
    application.begin();
    stage.program.facade().chats()->open(kChat);
    const auto nMessages = static_cast<int>(messages.size());
    await("the chat",
          [&] { return stage.program.facade().chat()->messages()->rowCount() == nMessages; });
    waitUntilQuiet(application);
    Figures figures = costs(application.end(), kMostToOpenMs, std::nullopt);
    const EventTimes scrolling = scrollUp(application, stage.program.window(), 20);
    figures.push_back({"scrolling up: longest event", scrolling.longest(), "ms", kMostAtOnceMs});
    return figures;
}

Figures openLong(TimedApplication& application) {
    std::vector<std::string> messages;
    for (int index = 0; index < 200; ++index) {
        messages.push_back("What about " + numbered("number", index) + "?");
        messages.push_back("A **bold** answer with `code`.\n\n- one\n- two\n\n```cpp\nint x = " +
                           std::to_string(index) +
                           ";\n```\n\nAnd a last paragraph of some length.");
    }
    return openConversation(application, messages);
}

Figures openQuestion(TimedApplication& application, const std::string& question) {
    return openConversation(application, {question, "A short answer."});
}

Figures openAnswer(TimedApplication& application, const std::string& answer) {
    return openConversation(application, {"Show me.", answer});
}

// --- the composer --------------------------------------------------------------------------------

Figures paste(TimedApplication& application, const std::string& pasted) {
    Stage stage;
    const QString text = QString::fromStdString(pasted);
    QGuiApplication::clipboard()->setText(text);
    waitUntilQuiet(application);
    ChatController& chat = *stage.program.facade().chat();
    application.begin();
    stage.program.press(Qt::Key_V, Qt::ControlModifier);
    await("the pasted text", [&] { return chat.draft().size() == text.size(); });
    waitUntilQuiet(application);
    Figures figures = costs(application.end(), kMostToOpenMs, std::nullopt);
    application.begin();
    constexpr int kLetters = 10;
    for (int letter = 0; letter < kLetters; ++letter) {
        stage.program.press(Qt::Key_X);
        QTest::qWait(30);
    }
    await("the typed text", [&] { return chat.draft().size() == text.size() + kLetters; });
    const EventTimes typing = application.end();
    figures.push_back(
        {"a letter typed behind it: longest event", typing.longest(), "ms", kMostAtOnceMs});
    return figures;
}

// --- lists ---------------------------------------------------------------------------------------

// Files with the demo model in them, so that each is really read and planned.
void makeLibrary(const QString& folder, int nFiles, const QString& model) {
    if (model.isEmpty()) qFatal("the demo model is not in resources/demo_model");
    if (!QDir().mkpath(folder)) qFatal("no folder for the models");
    // One copy under many names: symbolic links to one file would be one model.
    const QString first = QStringLiteral("%1/model-000.gguf").arg(folder);
    for (int number = 0; number < nFiles; ++number) {
        const QString name =
            QStringLiteral("%1/model-%2.gguf").arg(folder).arg(number, 3, 10, QLatin1Char('0'));
        std::error_code error;
        if (number == 0)
            std::filesystem::copy_file(model.toStdString(), first.toStdString(), error);
        else
            std::filesystem::create_hard_link(first.toStdString(), name.toStdString(), error);
        if (error) qFatal("no copy of the demo model: %s", error.message().c_str());
    }
}

// By its shortcut, over the page; whoever opens takes the focus.
void openOver(TestProgram& program, Qt::Key key) {
    const QQuickItem* before = program.window().activeFocusItem();
    program.press(key, Qt::ControlModifier);
    await("what was opened", [&] { return program.window().activeFocusItem() != before; });
}

Figures pickModel(TimedApplication& application) {
    constexpr int kModels = 80;
    auto nPlans = std::make_shared<std::atomic<int>>(0);
    TestMachine machine;
    machine.probe.planModel = [nPlans, plan = machine.probe.planModel](const LoadOptions& options,
                                                                       const PlanSpace& space) {
        ++*nPlans;
        return plan(options, space);
    };
    Stage stage(machine);
    const QString folder = stage.home.path() + QStringLiteral("/library");
    makeLibrary(folder, kModels, QString::fromStdString(stage.program.core().demoModel().string()));
    ModelController& models = *stage.program.facade().models();
    models.addFolder(QUrl::fromLocalFile(folder));
    await("the models", [&] { return models.list()->rowCount() > kModels; });
    waitUntilQuiet(application);
    Figures figures;
    for (const char* nth : {"first", "second"}) {
        const int nBefore = *nPlans;
        application.begin();
        openOver(stage.program, Qt::Key_L);
        QTest::qWait(1000);
        waitUntilQuiet(application);
        const EventTimes opening = application.end();
        const QString opened = QLatin1String(nth) + QStringLiteral(" opening: ");
        figures.push_back({opened + "GUI thread", opening.sum(), "ms"});
        figures.push_back({opened + "longest event", opening.longest(), "ms"});
        figures.push_back({opened + "files planned", double(*nPlans - nBefore), "files", 0});
        stage.program.press(Qt::Key_Escape);
        waitUntilQuiet(application);
    }
    application.begin();
    openOver(stage.program, Qt::Key_L);
    QTest::qWait(500);
    for (int step = 0; step < 40; ++step) {
        stage.program.press(Qt::Key_Down);
        QTest::qWait(10);
    }
    figures.push_back(
        {"40 times down: longest event", application.end().longest(), "ms", kMostAtOnceMs});
    return figures;
}

Figures searchChats(TimedApplication& application) {
    Stage stage;
    std::vector<std::string> messages;
    for (int index = 0; index < 2000; ++index)
        messages.push_back(paragraphs(5000) + numbered("specimen", index));
    storeConversation(stage.program, messages);
    waitUntilQuiet(application);
    SearchModel& search = *stage.program.facade().search();
    openOver(stage.program, Qt::Key_K);
    Figures figures;
    const QString queries[] = {QStringLiteral("harbour"), QStringLiteral("specimen 1234"),
                               QStringLiteral("ha"), QStringLiteral("notthere")};
    for (const QString& query : queries) {
        application.begin();
        search.setQuery(query);
        await("the end of the search", [&] { return !search.isSearching(); });
        const double untilHits = application.elapsedMs();
        QTest::qWait(200);  // the rows are made
        const EventTimes times = application.end();
        figures.push_back({query + ": until the hits", untilHits, "ms", 500});
        figures.push_back({query + ": hits", double(search.rowCount()), "hits"});
        figures.push_back({query + ": longest event", times.longest(), "ms", kMostAtOnceMs});
    }
    return figures;
}

}  // namespace

void waitUntilQuiet(const TimedApplication& application) {
    constexpr qint64 kQuietMs = 300;
    QTest::qWait(kQuietMs);
    static_cast<void>(QTest::qWaitFor([&] { return application.quietMs() > kQuietMs; }, 20'000));
}

void storeConversation(TestProgram& program, const std::vector<std::string>& messages) {
    const auto stored = program.core().storage().call([&](storage::Database& database) -> Status {
        auto chat = database.chats().create({kChat, 0, "Long chat", {}, "{}"});
        if (!chat) return fail(chat.error());
        storage::MessageId parent = 0;
        for (std::size_t index = 0; index < messages.size(); ++index) {
            storage::NewMessage row;
            row.chatId = kChat;
            row.parentId = parent;
            row.role =
                index % 2 == 0 ? storage::MessageRole::User : storage::MessageRole::Assistant;
            row.content = messages[index];
            auto added = database.messages().add(row);
            if (!added) return fail(added.error());
            parent = added->id;
        }
        return {};
    });
    if (!stored) qFatal("%s", stored.error().message.c_str());
    program.facade().chats()->refresh();
}

Figures costs(const EventTimes& times, std::optional<double> mostInAll,
              std::optional<double> mostAtOnce) {
    return {{"GUI thread", times.sum(), "ms", mostInAll},
            {"longest event", times.longest(), "ms", mostAtOnce}};
}

decltype(AppCoreOptions::makeEngine) drivenEngine(FakeEngine*& made) {
    return [&made](const EngineOptions&, EventSink sink) -> Result<std::unique_ptr<Engine>> {
        FakeScript script;
        script.isDriven = true;
        auto engine = std::make_unique<FakeEngine>(std::move(sink), std::move(script));
        made = engine.get();
        return engine;
    };
}

std::vector<BenchCase> readingCases() {
    return {
        {"open", "a chat of 400 messages is opened", openLong},
        {"open-question-200k", "a chat with a question of 200 KB is opened",
         [](TimedApplication& it) { return openQuestion(it, paragraphs(200'000)); }},
        {"open-question-1m", "a chat with a question of 1 MB is opened",
         [](TimedApplication& it) { return openQuestion(it, paragraphs(1'000'000)); }},
        {"open-line-1m", "a chat with a question of 1 MB in one line is opened",
         [](TimedApplication& it) { return openQuestion(it, words(1'000'000)); }},
        {"open-code-5000", "an answer with 5,000 lines of code is opened",
         [](TimedApplication& it) { return openAnswer(it, codeBlock(5000)); }},
        {"open-table-500", "an answer with a table of 500 rows is opened",
         [](TimedApplication& it) { return openAnswer(it, table(500)); }},
        {"open-mixed-100k", "an answer of 100 KB of code, tables and formulas is opened",
         [](TimedApplication& it) { return openAnswer(it, mixedAnswer(100'000)); }},
        {"paste-100k", "100 KB are pasted into the composer",
         [](TimedApplication& it) { return paste(it, paragraphs(100'000)); }},
        {"paste-1m", "1 MB is pasted into the composer",
         [](TimedApplication& it) { return paste(it, paragraphs(1'000'000)); }},
        {"paste-line-1m", "1 MB in one line is pasted into the composer",
         [](TimedApplication& it) { return paste(it, words(1'000'000)); }},
        {"picker-80", "the list of 80 models is opened and walked through", pickModel},
        {"search", "2,000 messages of 5 KB are searched", searchChats},
    };
}

}  // namespace sotto::app
