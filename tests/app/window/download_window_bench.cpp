// What a download costs the GUI thread: the real window on its Models page while one large file
// comes. Run by tests/bench/download_bench.py --window, which is the hub.
//
// Usage: download_window_bench ENDPOINT REPOSITORY PATH HOME. Tells the processor time of the GUI
// thread and the wall time between the order and the file that is whole. The offscreen platform
// draws on the GUI thread, so a card would take some of it away.
#include <QElapsedTimer>
#include <QGuiApplication>
#include <QtTest>
#include <cstdio>

#include "tests/app/window/test_window.h"
#include "tests/app/window/thread_time.h"

using namespace sotto;
using namespace sotto::app;

int main(int argc, char** argv) {
    if (argc != 5) return 2;
    QGuiApplication application(argc, argv);
    prepareTestWindows();
    TestMachine machine;
    machine.chooseHub = [argv](storage::Storage&, ModelHubOptions& options) {
        options.hub.endpoint = argv[1];
        options.network.proxy = "";  // the hub is on this machine
    };
    TestProgram program(QString::fromLocal8Bit(argv[4]), createEngine, machine);
    program.window().resize(1440, 900);
    program.waitForModel();
    program.press(Qt::Key_2, Qt::ControlModifier);
    DownloadListModel& downloads = *program.facade().hub()->downloads();
    // What opening the page costs is not the download's.
    QTest::qWait(1000);
    int nReadings = 0;
    int nFrames = 0;
    QObject::connect(&downloads, &DownloadListModel::listed, [&nReadings] { ++nReadings; });
    QObject::connect(&program.window(), &QQuickWindow::afterRendering, [&nFrames] { ++nFrames; });
    QElapsedTimer wall;
    wall.start();
    const double cpuBefore = threadCpuMs();
    ModelHub& hub = *program.core().modelHub();
    const auto id =
        hub.downloads().add({.repository = argv[2], .path = argv[3], .folder = hub.folder()});
    if (!id) {
        std::printf("%s\n", id.error().message.c_str());
        return 1;
    }
    const auto isOver = [&downloads] { return downloads.count() == 1 && !downloads.canPauseAll(); };
    QEventLoop loop;
    QObject::connect(&downloads, &DownloadListModel::listed, &loop, [&] {
        if (isOver()) loop.quit();
    });
    loop.exec();
    const double cpuMs = threadCpuMs() - cpuBefore;
    const auto wallMs = static_cast<double>(wall.elapsed());
    std::printf("gui %.0f ms of %.0f ms, %d readings, %d frames\n", cpuMs, wallMs, nReadings,
                nFrames);
    std::printf("%s\n", downloads.finishedCount() == 1 ? "verified" : "not whole");
    return downloads.finishedCount() == 1 ? 0 : 1;
}
