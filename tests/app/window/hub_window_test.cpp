// From end to end in the real window, by keys alone: search a hub, download a model, load it, chat
// with it. The hub is on loopback and breaks the connection once on the way. Skipped where the demo
// model, which it gives out, is not there.
#include <QFileInfo>
#include <QGuiApplication>
#include <QTemporaryDir>
#include <QtTest>
#include <atomic>

#include "app/core/resource_paths.h"
#include "tests/app/window/test_window.h"
#include "tests/support/hub/file_contents.h"
#include "tests/support/hub/hub_repository.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

constexpr int kAnswerMs = 60'000;

// The hub's own answer, but the first connection breaks in the middle of the bytes.
HubRepository::Bend brokenAtFirst(const HubRepository& hub) {
    auto nRequests = std::make_shared<std::atomic<int>>(0);
    return [&hub, nRequests](const ServedRequest& request) -> std::optional<Reply> {
        if ((*nRequests)++ > 0) return std::nullopt;
        Reply reply = hub.bytesReply(request);
        reply.cutAfter = reply.body.size() / 2;
        return reply;
    };
}

}  // namespace

class HubWindowTest : public QObject {
    Q_OBJECT

private slots:
    void init() { QTest::failOnWarning(QRegularExpression(QStringLiteral("."))); }

    void aModel_isSearchedFetchedLoadedAndAnswers() {
        const auto demo = findDemoModel(processEnvironment(), programFolder());
        if (demo.empty()) QSKIP("the demo model is not in resources/demo_model");
        HubRepository hub;
        hub.add("tiny-Q8_0.gguf", contentOf(demo));
        hub.bendBytes(brokenAtFirst(hub));
        QTemporaryDir home;
        TestMachine machine;
        machine.chooseHub = [&hub](storage::Storage&, ModelHubOptions& options) {
            options.hub.endpoint = hub.endpoint();
            options.network.proxy = "";  // the test's hub is on this machine
        };
        TestProgram program(home.path(), createEngine, machine);
        QVERIFY(program.waitForModel());
        ModelController& models = *program.facade().models();

        program.press(Qt::Key_2, Qt::ControlModifier);
        QTRY_VERIFY(program.find(QStringLiteral("hubField")) != nullptr);
        QTRY_VERIFY(program.find(QStringLiteral("hubField"))->hasActiveFocus());
        QVERIFY(hub.hub().requests().empty());
        program.type(QStringLiteral("tiny"));
        QTRY_COMPARE(program.facade().hub()->search()->rowCount(), 1);
        QTRY_VERIFY(program.find(QStringLiteral("hubList")) != nullptr);
        program.press(Qt::Key_Down);
        program.press(Qt::Key_Return);
        QTRY_VERIFY(find(program.window().contentItem(), QStringLiteral("downloadFile")) !=
                    nullptr);
        program.press(Qt::Key_Tab);
        program.press(Qt::Key_Return);

        DownloadListModel& downloads = *program.facade().hub()->downloads();
        QTRY_COMPARE_WITH_TIMEOUT(downloads.finishedCount(), 1, kAnswerMs);
        const QString path =
            downloads.data(downloads.index(0), DownloadListModel::PathRole).toString();
        QVERIFY(QFileInfo::exists(path));
        QVERIFY(hub.bytes().requests().size() >= 2);
        // It is installed by itself.
        QTRY_COMPARE_WITH_TIMEOUT(models.list()->rowCount(), 2, kAnswerMs);

        program.find(QStringLiteral("downloadList"))->forceActiveFocus(Qt::TabFocusReason);
        program.press(Qt::Key_Return);
        QTRY_VERIFY_WITH_TIMEOUT(models.state() == ModelController::Loaded && models.path() == path,
                                 kAnswerMs);
        QVERIFY(!models.isDemo());

        program.press(Qt::Key_1, Qt::ControlModifier);
        program.type(QStringLiteral("Who are you?"));
        program.press(Qt::Key_Return);
        ChatController& chat = *program.facade().chat();
        QTRY_COMPARE(chat.messages()->rowCount(), 2);
        QTRY_VERIFY_WITH_TIMEOUT(!chat.isBusy(), kAnswerMs);
        QVERIFY(!chat.messages()->at(1).text.isEmpty());
    }

private:
    // Made by a Repeater, so it is a child of the list for the eye only.
    static QQuickItem* find(QQuickItem* item, const QString& name) {
        if (item->objectName() == name) return item;
        for (QQuickItem* child : item->childItems())
            if (QQuickItem* found = find(child, name)) return found;
        return nullptr;
    }
};

int main(int argc, char* argv[]) {
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    HubWindowTest test;
    return QTest::qExec(&test, argc, argv);
}
#include "hub_window_test.moc"
