// The jobs in the real window: the ring in the rail, the popover, its keys, and what it says to
// screen readers. With SOTTO_PICTURES set to a folder it leaves pictures there, to be looked at.
#include <QAccessible>
#include <QDir>
#include <QTemporaryDir>
#include <QtTest>

#include "tests/app/jobs/test_jobs.h"
#include "tests/app/window/test_window.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

Result<std::unique_ptr<Engine>> fakeEngine(const EngineOptions&, EventSink sink) {
    return std::make_unique<FakeEngine>(std::move(sink));
}

JobProgress bytes(double done, double total) {
    return {static_cast<std::uint64_t>(done * 1e9), static_cast<std::uint64_t>(total * 1e9),
            JobUnit::Bytes};
}

// The jobs of the design's picture.
void startDrawnJobs(JobRunner& runner, JobGate& gate) {
    startEnding(runner, shownJob("download", "Llama 3.1 8B", JobLane::Disk, {"F16"}),
                bytes(9.80, 16.07), Ending::NeedsYou, {ErrorCode::Io, "Connection lost."});
    startEnding(runner, shownJob("download", "Qwen3 4B", JobLane::Disk, {"Q4_K_M"}),
                bytes(2.5, 2.5), Ending::Done);
    startStanding(runner, shownJob("download", "Mistral Small 24B", JobLane::Network, {"Q4_K_M"}),
                  bytes(8.91, 14.33), gate);
    const JobId paused =
        startStanding(runner, shownJob("download", "Phi-4", JobLane::Network, {"Q4_K_M"}),
                      bytes(2.81, 9.05), gate);
    while (runner.jobs().back().progress.done == 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    runner.pause(paused);
    startStanding(runner, shownJob("quantize", "Qwen3 14B", JobLane::Processor, {"Q5_K_M"}),
                  {214, 443, JobUnit::Tensors}, gate);
    startStanding(runner, shownJob("import", "ChatGPT", JobLane::Disk), {612, 1304, JobUnit::Chats},
                  gate);
    startStanding(runner, shownJob("export", "All chats", JobLane::Disk), {}, gate);
    startStanding(runner, shownJob("compare", "Qwen3 4B", JobLane::Processor, {"Q8_0", "Q4_K_M"}),
                  {}, gate);
}

}  // namespace

class JobsWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void ring_isThereWhileThereAreJobs() {
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        JobRunner& runner = program.core().jobs();
        QVERIFY(ring(program) == nullptr);
        JobSpec hidden;
        startStanding(runner, hidden, {}, gate);
        const JobId job =
            startStanding(runner, shownJob("download", "A", JobLane::Network), bytes(1, 2), gate);
        QTRY_VERIFY(ring(program) != nullptr);
        QTest::mouseClick(&program.window(), Qt::LeftButton, {}, centreOfRing(program));
        QTRY_VERIFY(isOpen(program));
        QTest::mouseClick(&program.window(), Qt::LeftButton, {}, centreOfRing(program));
        QTRY_VERIFY(!isOpen(program));
        runner.cancel(job);
        QTRY_VERIFY(ring(program) == nullptr);
        gate.isOpen = true;
    }

    void keys_openReorderPauseAndCancel() {
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        JobRunner& runner = program.core().jobs();
        for (const char* name : {"run", "a", "b"})
            startStanding(runner, shownJob("import", name, JobLane::Disk), {1, 2, JobUnit::Chats},
                          gate);
        QTRY_COMPARE(program.facade().jobs()->summary(), QStringLiteral("1 running, 2 waiting"));
        program.press(Qt::Key_J, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen(program));
        QTRY_COMPARE(titles(program),
                     (QStringList{"Import from run", "Import from a", "Import from b"}));
        program.press(Qt::Key_Down);
        program.press(Qt::Key_Down, Qt::AltModifier);
        QTRY_COMPARE(titles(program)[1], QStringLiteral("Import from b"));
        program.press(Qt::Key_Up, Qt::AltModifier);  // the focus went with the row
        QTRY_COMPARE(titles(program)[1], QStringLiteral("Import from a"));
        program.press(Qt::Key_Up);
        program.press(Qt::Key_Space);
        QTRY_COMPARE(titles(program).back(), QStringLiteral("Import from run"));
        program.press(Qt::Key_Delete);
        QTRY_COMPARE(program.facade().jobs()->count(), 2);
        program.press(Qt::Key_Escape);
        QTRY_VERIFY(!isOpen(program));
    }

    // Those above the downloads, too; a key on a button of a row is that row's.
    void quantizations_haveTheSameKeys() {
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        program.window().resize(1440, 900);
        for (const char* name : {"run", "a", "b"})
            startStanding(program.core().jobs(), shownJob("quantize", name, JobLane::Processor),
                          {1, 2, JobUnit::Tensors}, gate);
        QTRY_COMPARE(program.facade().jobs()->summary(), QStringLiteral("1 running, 2 waiting"));
        const QStringList before = titles(program);
        program.press(Qt::Key_2, Qt::ControlModifier);
        const auto list = [&program] {
            return find(program.window().contentItem(), QStringLiteral("quantizationList"));
        };
        QTRY_VERIFY(list() != nullptr && list()->property("count").toInt() == 3);
        list()->forceActiveFocus(Qt::TabFocusReason);
        program.press(Qt::Key_Down);
        program.press(Qt::Key_Down, Qt::AltModifier);
        QTRY_COMPARE(titles(program), (QStringList{before[0], before[2], before[1]}));
        program.press(Qt::Key_Up, Qt::AltModifier);  // the focus went with the row
        QTRY_COMPARE(titles(program), before);
        QCOMPARE(list()->property("currentIndex").toInt(), 1);
        QQuickItem* last = nullptr;
        QMetaObject::invokeMethod(list(), "itemAtIndex", Q_RETURN_ARG(QQuickItem*, last),
                                  Q_ARG(int, 2));
        QVERIFY(last != nullptr);
        QQuickItem* const button = withText(last, QStringLiteral("Cancel"));
        QVERIFY(button != nullptr);
        button->forceActiveFocus(Qt::TabFocusReason);
        QVERIFY(button->hasActiveFocus());
        program.press(Qt::Key_Delete);
        QTRY_COMPARE(titles(program), (QStringList{before[0], before[1]}));
    }

    // Whoever pauses by keyboard resumes with the next key.
    void pressedButton_keepsTheKeyboard() {
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        startStanding(program.core().jobs(), shownJob("import", "run", JobLane::Disk),
                      {1, 2, JobUnit::Chats}, gate);
        program.press(Qt::Key_J, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen(program));
        QQuickItem* const content = popover(program)->property("contentItem").value<QQuickItem*>();
        QTRY_VERIFY(withText(content, QStringLiteral("Pause")) != nullptr);
        QQuickItem* const button = withText(content, QStringLiteral("Pause"));
        button->forceActiveFocus(Qt::TabFocusReason);
        program.press(Qt::Key_Return);
        QTRY_COMPARE(button->property("text").toString(), QStringLiteral("Resume"));
        QVERIFY(button->hasActiveFocus());
        program.press(Qt::Key_Return);
        QTRY_COMPARE(button->property("text").toString(), QStringLiteral("Pause"));
        QVERIFY(button->hasActiveFocus());
        gate.isOpen = true;
    }

    void rows_haveASentenceForScreenReaders() {
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        startStanding(program.core().jobs(), shownJob("import", "ChatGPT", JobLane::Disk),
                      {612, 1304, JobUnit::Chats}, gate);
        program.press(Qt::Key_J, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen(program));
        QTRY_VERIFY(namesOf(program).contains(
            QStringLiteral("Import from ChatGPT, Running, 612 of 1,304 chats")));
        for (const char* button : {"Pause", "Cancel"})
            QVERIFY2(namesOf(program).contains(QString::fromLatin1(button)), button);
    }

    void picture_data() {
        QTest::addColumn<QString>("language");
        QTest::addColumn<bool>("isDark");
        QTest::addColumn<QSize>("size");
        QTest::newRow("dark-en") << "en" << true << QSize(1440, 900);
        QTest::newRow("light-zh") << "zh_CN" << false << QSize(1440, 900);
        QTest::newRow("dark-zh-small") << "zh_CN" << true << QSize(960, 600);
        QTest::newRow("light-en-small") << "en" << false << QSize(960, 600);
    }

    void picture() {
        QFETCH(QString, language);
        QFETCH(bool, isDark);
        QFETCH(QSize, size);
        JobGate gate;
        QTemporaryDir home;
        TestProgram program(home.path(), fakeEngine);
        program.window().resize(size);
        program.facade().settings()->setLanguage(language);
        program.facade().settings()->setTheme(isDark ? SettingsController::Dark
                                                     : SettingsController::Light);
        startDrawnJobs(program.core().jobs(), gate);
        QTRY_COMPARE(program.facade().jobs()->count(), 8);
        QTRY_COMPARE(program.facade().jobs()->openCount(), 7);
        program.press(Qt::Key_J, Qt::ControlModifier | Qt::ShiftModifier);
        QTRY_VERIFY(isOpen(program));
        QTest::qWait(300);  // the fade, for the eye only
        const QImage picture = program.window().grabWindow();
        QVERIFY(!picture.isNull());
        if (const QString folder = qEnvironmentVariable("SOTTO_PICTURES"); !folder.isEmpty())
            QVERIFY(picture.save(
                QDir(folder).filePath(QStringLiteral("jobs-%1.png").arg(QTest::currentDataTag()))));
        program.facade().settings()->setLanguage(QStringLiteral("en"));
    }

private:
    static QObject* popover(TestProgram& program) {
        return program.window().findChild<QObject*>(QStringLiteral("jobsPopover"));
    }
    static bool isOpen(TestProgram& program) {
        return popover(program)->property("opened").toBool();
    }
    // Made by a Repeater, so it is a child of the rail for the eye only.
    static QQuickItem* find(QQuickItem* item, const QString& name) {
        if (item->objectName() == name) return item;
        for (QQuickItem* child : item->childItems())
            if (QQuickItem* found = find(child, name)) return found;
        return nullptr;
    }
    // The button with this text that is seen.
    static QQuickItem* withText(QQuickItem* item, const QString& text) {
        if (item->isVisible() && item->inherits("QQuickAbstractButton") &&
            item->property("text").toString() == text)
            return item;
        for (QQuickItem* child : item->childItems())
            if (QQuickItem* found = withText(child, text)) return found;
        return nullptr;
    }
    static QQuickItem* ring(TestProgram& program) {
        return find(program.window().contentItem(), QStringLiteral("jobsRing"));
    }
    static QPoint centreOfRing(TestProgram& program) {
        const QQuickItem* item = ring(program);
        return item->mapToScene({item->width() / 2, item->height() / 2}).toPoint();
    }
    static QStringList titles(TestProgram& program) {
        const JobListModel& jobs = *program.facade().jobs();
        QStringList titles;
        for (int row = 0; row < jobs.rowCount(); ++row)
            titles << jobs.data(jobs.index(row), JobListModel::TitleRole).toString();
        return titles;
    }
    static void addNames(QAccessibleInterface* item, QStringList& names) {
        if (item == nullptr) return;
        names << item->text(QAccessible::Name);
        for (int index = 0; index < item->childCount(); ++index)
            addNames(item->child(index), names);
    }
    static QStringList namesOf(TestProgram& program) {
        QStringList names;
        addNames(QAccessible::queryAccessibleInterface(&program.window()), names);
        return names;
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    JobsWindowTest test;
    return QTest::qExec(&test, argc, argv);
}

#include "jobs_window_test.moc"
