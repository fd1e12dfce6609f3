import QtQuick
import QtTest
import Sotto.App
import Sotto.Shell
import Sotto.Tests

// The Privacy section of the settings: the switch, the address, the token and the list of connections, by hand.
TestCase {
    id: root

    property Main window: null
    property TestApp program: null
    property NetworkController network: null

    name: "Privacy"
    when: windowShown

    Component {
        id: appComponent
        TestApp {
            hasHub: true
        }
    }
    Component {
        id: windowComponent
        Main {
            visible: true
        }
    }

    function init(): void {
        program = appComponent.createObject(root);
        network = program.facade.network;
        window = windowComponent.createObject(null, {
            app: program.facade,
            width: 1440,
            height: 900
        });
        tryVerify(() => window.active);
        keyClick(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => findChild(window, "offlineSwitch") !== null);
    }
    function cleanup(): void {
        window.destroy();
        wait(0);
        program.destroy();
        wait(0);
    }
    function find(name: string): Item {
        const found = findChild(window, name);
        verify(found !== null, name);
        return found;
    }

    function test_theSwitch_changesTheChatListToo(): void {
        verify(!network.isOffline);
        find("offlineSwitch").forceActiveFocus(Qt.TabFocusReason);
        keyClick(Qt.Key_Space);
        verify(network.isOffline);
        verify(find("offlineSwitch").checked);
        keyClick(Qt.Key_Space);
        verify(!network.isOffline);
        network.isOffline = true;
        verify(find("offlineSwitch").checked);
    }

    function test_anAddressThatIsNone_isSaidAndStaysToBeCorrected(): void {
        const field = find("hubEndpoint");
        const before = network.endpoint;
        field.forceActiveFocus(Qt.TabFocusReason);
        field.selectAll();
        for (const letter of "http://mirror")
            keyClick(letter);
        keyClick(Qt.Key_Return);
        compare(network.endpoint, before);
        verify(network.endpointProblem.length > 0);
        compare(field.text, "http://mirror");
        field.selectAll();
        for (const letter of "https://mirror.example")
            keyClick(letter);
        keyClick(Qt.Key_Return);
        compare(network.endpoint, "https://mirror.example");
        compare(network.endpointProblem, "");
    }

    function test_aToken_isTakenAndTakenAway(): void {
        compare(network.tokenPlace, NetworkController.NoToken);
        const dialog = findChild(window, "tokenDialog");
        find("changeToken").clicked();
        tryVerify(() => dialog.opened);
        for (const letter of "hf_abcdefghi3Kq")
            keyClick(letter);
        compare(find("tokenField").displayText.indexOf("hf_"), -1);
        keyClick(Qt.Key_Return);
        tryVerify(() => !dialog.visible);
        tryCompare(network, "tokenPlace", NetworkController.InFile);
        compare(find("tokenHint").text, "hf_••••••••3Kq");
        find("changeToken").clicked();
        tryVerify(() => dialog.opened);
        compare(find("tokenField").text, "");
        find("removeToken").clicked();
        tryVerify(() => !dialog.visible);
        compare(network.tokenPlace, NetworkController.NoToken);
    }

    function test_theLedger_showsWhatWas_andForgets(): void {
        program.addConnections(150);
        const dialog = findChild(window, "ledgerDialog");
        find("showLedger").clicked();
        tryVerify(() => dialog.opened);
        tryCompare(network.ledger, "count", 100);
        const list = find("ledgerList");
        list.positionViewAtEnd();
        tryCompare(network.ledger, "count", 150);
        find("forgetLedger").clicked();
        tryCompare(network.ledger, "count", 0);
        keyClick(Qt.Key_Escape);
        tryVerify(() => !dialog.visible);
    }
}
