namespace Srcnn.Engine.Stress;

/// <summary>
/// Letters as polylines, drawn for this project. A glyph stands on a grid 4 wide; capitals reach from 0 down to the base line at 6, small letters from 2,
/// descenders to 8. Two digits are a point, a blank lifts the pen.
/// </summary>
internal static class StrokeFont
{
    /// <summary>Height of a capital and distance of two letters, in grid units.</summary>
    public const float CapHeight = 6, Advance = 5.6f;

    private static readonly Dictionary<char, string> Glyphs = new()
    {
        [' '] = "",
        ['A'] = "062046 1434", ['B'] = "06003041423303 3344453606", ['C'] = "4130100105163645", ['D'] = "06002042442606", ['E'] = "40000646 0333",
        ['F'] = "400006 0333", ['G'] = "41301001051636454323", ['H'] = "0006 0343 4046", ['I'] = "1030 2026 1636", ['J'] = "4045361605",
        ['K'] = "0006 4003 0346", ['L'] = "000646", ['M'] = "0600234046", ['N'] = "06004640", ['O'] = "100105163645413010",
        ['P'] = "06003041423303", ['Q'] = "100105163645413010 2446", ['R'] = "06003041423303 2346", ['S'] = "413010010213334445361605", ['T'] = "0040 2026",
        ['U'] = "000516364540", ['V'] = "002640", ['W'] = "0016233640", ['X'] = "0046 4006", ['Y'] = "002340 2326", ['Z'] = "00400646",
        ['a'] = "12324346 44140516364546", ['b'] = "0006 0312324345361605", ['c'] = "4332120305163645", ['d'] = "4046 4332120305163645", ['e'] = "04444332120305163645",
        ['f'] = "30201116 0333", ['g'] = "4247381807 4332120305163645", ['h'] = "0006 0312324346", ['i'] = "2226 2021", ['j'] = "32372818 3031",
        ['k'] = "0006 3204 1346", ['l'] = "101526", ['m'] = "0206 03122326 23324346", ['n'] = "0206 0312324346", ['o'] = "120305163645433212",
        ['p'] = "0208 0312324345361605", ['q'] = "4248 4332120305163645", ['r'] = "0206 03123243", ['s'] = "43321203143445361605", ['t'] = "10152636 0232",
        ['u'] = "0205163645 4246", ['v'] = "022642", ['w'] = "0216243642", ['x'] = "0246 4206", ['y'] = "0226 4218", ['z'] = "02420646",
        ['0'] = "100105163645413010 1531", ['1'] = "112026 1636", ['2'] = "01103041420646", ['3'] = "004022334445361605", ['4'] = "36300444",
        ['5'] = "400002324345361605", ['6'] = "30100105163645443303", ['7'] = "004016", ['8'] = "13020110304142331304051636454433", ['9'] = "16364541301001021343",
        ['.'] = "1516", [','] = "1617", [':'] = "1213 1516", ['-'] = "1333", ['/'] = "0640",
    };

    /// <summary>What can be written.</summary>
    public static IReadOnlyCollection<char> Characters => Glyphs.Keys;

    /// <summary>The strokes of a letter, each a line of points.</summary>
    /// <exception cref="KeyNotFoundException">The font lacks it.</exception>
    public static IEnumerable<(float X, float Y)[]> Strokes(char letter) =>
        Glyphs[letter].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(stroke => stroke.Chunk(2).Select(p => ((float)(p[0] - '0'), (float)(p[1] - '0'))).ToArray());
}
