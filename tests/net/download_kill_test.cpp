// The promise to people: kill the program in the middle of a download, and the next one goes on
// from there, to the same file. Five kills of one download, each at another place; SOTTO_KILLS says
// how many (`scripts/campaign downloads`).
#include "tests/support/hub/download_kills.h"

using namespace sotto::test;

class DownloadKillTest : public QObject {
    Q_OBJECT

private slots:
    void kills_loseNothingThatWasKept() {
        bool isSet = false;
        const int wantedKills = qEnvironmentVariableIntValue("SOTTO_KILLS", &isSet);
        const QTemporaryDir folder;
        DownloadKills kills(isSet ? wantedKills : 5);
        kills.run(QStringLiteral(SOTTO_DOWNLOAD_CHILD),
                  {folder.path(), folder.filePath("store.json")}, folder.path().toStdString());
    }
};

QTEST_GUILESS_MAIN(DownloadKillTest)
#include "download_kill_test.moc"
