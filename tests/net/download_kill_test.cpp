// The promise to people: kill the program in the middle of a download, and the next one goes on
// from there, to the same file. Five kills of one download, each at another place, or as many as
// SOTTO_KILLS says.
#include "tests/support/hub/download_kills.h"

using namespace sotto::test;

class DownloadKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_loseNothingThatWasKept() {
        const QTemporaryDir folder;
        DownloadKills kills;
        kills.run(QStringLiteral(SOTTO_DOWNLOAD_CHILD),
                  {folder.path(), folder.filePath("store.json")}, folder.path().toStdString());
    }
};

QTEST_GUILESS_MAIN(DownloadKillTest)
#include "download_kill_test.moc"
