namespace Srcnn.Engine.Stress;

/// <summary>What JPEG does to luma: 8×8 cosine transform, quantisation by the standard's table (ITU-T T.81, table K.1) at a quality as libjpeg counts it, and back.</summary>
/// <param name="quality">1 to 100.</param>
internal sealed class JpegBlocks(int quality)
{
    private const int Side = 8;

    private static readonly int[] Table =
    [
        16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55, 14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62,
        18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92, 49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99,
    ];

    /// <summary>Row k: the k-th cosine, of length 1.</summary>
    private static readonly double[,] Cosines = Basis();

    private readonly int[] steps = Array.ConvertAll(Table, q => Math.Clamp(((q * (quality < 50 ? 5000 / quality : 200 - (2 * quality))) + 50) / 100, 1, 255));

    /// <summary>[height, width] in [0, 255]; blocks that reach over the border repeat its pixels.</summary>
    public float[] Run(float[] luma, int width, int height)
    {
        var result = new float[luma.Length];
        for (var y0 = 0; y0 < height; y0 += Side)
        for (var x0 = 0; x0 < width; x0 += Side)
        {
            var block = new double[Side, Side];
            for (var y = 0; y < Side; y++)
            for (var x = 0; x < Side; x++)
                block[y, x] = luma[(Math.Min(y0 + y, height - 1) * width) + Math.Min(x0 + x, width - 1)] - 128;
            block = Product(Product(Cosines, block, false), Cosines, true);
            for (var i = 0; i < Side * Side; i++) block[i / Side, i % Side] = Math.Round(block[i / Side, i % Side] / steps[i]) * steps[i];
            block = Product(Product(Transposed(Cosines), block, false), Transposed(Cosines), true);
            for (var y = 0; y < Math.Min(Side, height - y0); y++)
            for (var x = 0; x < Math.Min(Side, width - x0); x++)
                result[((y0 + y) * width) + x0 + x] = (float)Math.Clamp(block[y, x] + 128, 0, 255);
        }
        return result;
    }

    /// <summary>a·b, or a·bᵀ.</summary>
    private static double[,] Product(double[,] a, double[,] b, bool transposed)
    {
        var product = new double[Side, Side];
        for (var i = 0; i < Side; i++)
        for (var j = 0; j < Side; j++)
        for (var k = 0; k < Side; k++)
            product[i, j] += a[i, k] * (transposed ? b[j, k] : b[k, j]);
        return product;
    }

    private static double[,] Transposed(double[,] a)
    {
        var result = new double[Side, Side];
        for (var i = 0; i < Side; i++)
        for (var j = 0; j < Side; j++)
            result[j, i] = a[i, j];
        return result;
    }

    private static double[,] Basis()
    {
        var basis = new double[Side, Side];
        for (var k = 0; k < Side; k++)
        for (var x = 0; x < Side; x++)
            basis[k, x] = (k == 0 ? Math.Sqrt(1.0 / Side) : Math.Sqrt(2.0 / Side)) * Math.Cos(Math.PI * ((2 * x) + 1) * k / (2 * Side));
        return basis;
    }
}
