namespace Srcnn.Kernels;

/// <summary>
/// One-dimensional minimal filtering F(m, r) (Winograd 1980; Lavin and Gray, arXiv:1509.09308): m outputs of an r-tap filter from
/// n = m + r − 1 inputs with n multiplications, y = Aᵀ[(G g) ⊙ (Bᵀ d)]. Applied to rows and columns it makes F(m×m, r×r).
/// <see cref="WinogradPoints{TForm, V}"/> has the transforms.
/// </summary>
internal interface IWinogradForm
{
    /// <summary>Outputs, m.</summary>
    static abstract int Outputs { get; }

    /// <summary>Taps of the filter, r.</summary>
    static abstract int Taps { get; }
}

/// <summary>F(4, 3): 2.25 multiplications for an output of a 3×3 filter.</summary>
internal readonly struct F43 : IWinogradForm
{
    public static int Outputs => 4;

    public static int Taps => 3;
}

/// <summary>F(6, 3): 1.78 multiplications for an output of a 3×3 filter, where the picture is large or a multiple of 6.</summary>
internal readonly struct F63 : IWinogradForm
{
    public static int Outputs => 6;

    public static int Taps => 3;
}

/// <summary>F(5, 3): 1.96 multiplications for an output of a 3×3 filter; the 25×25 outputs of a 9×9 kernel over a patch of 33² are whole tiles of it.</summary>
internal readonly struct F53 : IWinogradForm
{
    public static int Outputs => 5;

    public static int Taps => 3;
}

/// <summary>F(4, 5): 4 multiplications for an output of a 5×5 filter.</summary>
internal readonly struct F45 : IWinogradForm
{
    public static int Outputs => 4;

    public static int Taps => 5;
}
